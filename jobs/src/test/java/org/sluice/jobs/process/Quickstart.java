package org.sluice.jobs.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * {@code jobs/quickstart.yaml} as it is, but for the number of its steps, the size of its corpus, and where its files are.
 *
 * @param name of the run
 * @param runs the folder of runs
 * @param corpus the folder with the corpus
 */
record Quickstart(String name, String runs, String corpus) {
    static final Path FILE = Path.of("quickstart.yaml").toAbsolutePath();
    static final int STEPS = 4;

    /** Of the jars that are the quickstart's corpus the two smallest, with files of each of its domains. */
    private static final List<String> SMALL = List.of("spark-common-utils_2.13-", "nd4j-common-");

    /** The jars of a small corpus, as the build fetched them. */
    static List<Path> jars() throws IOException {
        try (Stream<Path> jars = Files.list(Path.of("target/corpus").toAbsolutePath())) {
            return jars.filter(jar -> SMALL.stream().anyMatch(jar.getFileName().toString()::startsWith))
                    .toList();
        }
    }

    String folder() {
        return runs + "/" + name;
    }

    /** The arguments of {@code jobs/sluice} that run it. */
    String[] arguments(String... more) {
        return arguments(FILE.toString(), more);
    }

    /**
     * The same.
     *
     * @param file where the driver finds the job file
     */
    String[] arguments(String file, String[] more) {
        List<String> arguments = new ArrayList<>(List.of("run", file));
        List<String> settings = List.of(
                "name=" + name,
                "runs=" + runs,
                "data.inputs=[" + input("scala", "**/*.scala") + ", " + input("java", "**/*.java") + ", "
                        + input("documentation", "**/*.{xml,json,md,txt,html}") + "]",
                "training.steps=" + STEPS,
                "training.warmupSteps=1",
                "cluster.localSteps=2",
                "cluster.checkpointRounds=1",
                "evaluation.blocks=4");
        for (String setting : settings) {
            arguments.addAll(List.of("--set", setting));
        }
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    private String input(String domain, String include) {
        return "{domain: " + domain + ", paths: ['" + corpus + "'], include: ['" + include + "']}";
    }
}
