package org.sluice.cluster.preflight;

import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Java is new enough, and was started with the options that Spark needs. */
final class JavaCheck implements Check {
    private static final int OLDEST = 17;
    private static final String OPENS_OF_BASE = "--add-opens=java.base/";

    @Override
    public Stream<Finding> findings(Inspection inspection) {
        return Stream.concat(Stream.of(inspection.driver()), inspection.executors().stream())
                .flatMap(process -> Stream.concat(version(process), options(process)));
    }

    private static Stream<Finding> version(ProcessReport process) {
        Versions versions = process.versions();
        return versions.javaFeature() >= OLDEST
                ? Stream.empty()
                : Stream.of(Finding.fatal(
                        process.place(),
                        "Java is " + versions.java() + ", and Sluice needs " + OLDEST + " or newer",
                        "install it there and point JAVA_HOME at it, of executors by spark.executorEnv.JAVA_HOME or in"
                                + " spark-env.sh"));
    }

    /** Without what is to be opened in java.base Spark breaks in the middle of its work; the rest is for Kerberos and for the Vector API. */
    private static Stream<Finding> options(ProcessReport process) {
        return Stream.of(true, false).flatMap(fatal -> {
            String missing = process.missingOptions().stream()
                    .filter(option -> option.startsWith(OPENS_OF_BASE) == fatal)
                    .collect(Collectors.joining(" "));
            return missing.isEmpty()
                    ? Stream.empty()
                    : Stream.of(new Finding(
                            fatal,
                            process.place(),
                            "Java was started without " + missing,
                            "start Sluice with jobs/sluice or spark-submit, which see to it; where the driver is a program of"
                                    + " your own, start it with them. Executors take them from"
                                    + " spark.executor.extraJavaOptions"));
        });
    }
}
