package org.sluice.cluster.preflight;

import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** Executors run the same software as the driver. */
final class VersionCheck implements Check {

    @Override
    public Stream<Finding> findings(Inspection inspection) {
        Versions expected = inspection.driver().versions();
        return inspection.executors().stream().flatMap(executor -> of(executor, expected));
    }

    private static Stream<Finding> of(ProcessReport executor, Versions expected) {
        Versions found = executor.versions();
        Place place = executor.place();
        Stream<Finding> libraries = expected.libraries().entrySet().stream()
                .flatMap(library -> library(place, library, found.libraries().get(library.getKey())));
        return Stream.of(
                        same(place, "Sluice", found.sluice(), expected.sluice(), "the jar of Sluice"),
                        same(place, "Spark", found.spark(), expected.spark(), "Spark"),
                        libraries,
                        java(place, found, expected))
                .flatMap(findings -> findings);
    }

    private static Stream<Finding> same(Place place, String what, String found, String expected, String cause) {
        return Objects.equals(found, expected)
                ? Stream.empty()
                : Stream.of(Finding.fatal(
                        place,
                        what + " is " + found + ", and the driver's is " + expected,
                        "put " + cause + " of the driver's version there, and take others out of"
                                + " spark.executor.extraClassPath and of the jars of Spark"));
    }

    /** A backend that is not there at all is the affair of {@link BackendCheck}. */
    private static Stream<Finding> library(Place place, Map.Entry<String, String> expected, String found) {
        return found == null
                ? Stream.empty()
                : same(
                        place,
                        "the library of backend '" + expected.getKey() + "'",
                        found,
                        expected.getValue(),
                        "the library");
    }

    /** It runs; but the virtual machines may round differently, so that what is trained again may have other bits. */
    private static Stream<Finding> java(Place place, Versions found, Versions expected) {
        return found.javaFeature() == expected.javaFeature()
                ? Stream.empty()
                : Stream.of(
                        Finding.warning(
                                place,
                                "Java is " + found.java() + ", and the driver's is " + expected.java(),
                                "the same release everywhere makes runs that can be repeated; see spark.executorEnv.JAVA_HOME"));
    }
}
