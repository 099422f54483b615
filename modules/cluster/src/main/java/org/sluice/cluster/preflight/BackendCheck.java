package org.sluice.cluster.preflight;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.sluice.tensor.Backends;
import org.sluice.tensor.Precision;

/** The backend of the training runs on every executor, the same on all, in the precision of the training. */
final class BackendCheck implements Check {

    @Override
    public Stream<Finding> findings(Inspection inspection) {
        String wanted = inspection.requirements().backend();
        boolean automatic = wanted.equals(Backends.AUTOMATIC);
        String expected = automatic ? best(inspection).orElse("") : wanted;
        return inspection.executors().stream()
                .flatMap(executor -> Stream.concat(
                        of(executor, expected, inspection.requirements().precision()),
                        automatic ? passedOver(executor, expected) : Stream.empty()));
    }

    /** What would be faster, and no executor can run. */
    private static Stream<Finding> passedOver(ProcessReport executor, String taken) {
        return executor.backends().stream()
                .takeWhile(backend -> !taken.isEmpty() && !backend.name().equals(taken))
                .map(backend -> Finding.warning(
                        executor.place(),
                        "training takes the slower backend '" + taken + "', as '" + backend.name() + "' cannot run: "
                                + backend.unavailable(),
                        "mend that for more speed"));
    }

    /** What {@code auto} takes on the executor that can do most. */
    private static Optional<String> best(Inspection inspection) {
        List<String> order = inspection.executors().stream()
                .flatMap(executor -> executor.backends().stream())
                .map(BackendReport::name)
                .distinct()
                .toList();
        return order.stream()
                .filter(name -> inspection.executors().stream().anyMatch(executor -> of(executor, name)
                        .filter(BackendReport::isAvailable)
                        .isPresent()))
                .findFirst();
    }

    private static Optional<BackendReport> of(ProcessReport executor, String name) {
        return executor.backends().stream()
                .filter(backend -> backend.name().equals(name))
                .findFirst();
    }

    private static Stream<Finding> of(ProcessReport executor, String expected, Precision precision) {
        if (executor.backends().isEmpty()) {
            return Stream.of(Finding.fatal(
                    executor.place(),
                    "there is no backend on the class path",
                    "start the job with the jar of Sluice that jobs/sluice builds; it holds the backends"));
        }
        if (expected.isEmpty()) {
            return Stream.of(Finding.fatal(
                    executor.place(),
                    "no backend can run: " + reasons(executor.backends()),
                    "mend one of these, or leave that host out"));
        }
        Optional<BackendReport> found = of(executor, expected);
        if (found.isEmpty()) {
            return Stream.of(Finding.fatal(
                    executor.place(),
                    "there is no backend '" + expected + "', but " + names(executor.backends()),
                    "name one of these, or auto, by the key backend, or put the other on the class path"));
        }
        return of(executor.place(), found.get(), precision);
    }

    private static Stream<Finding> of(Place place, BackendReport backend, Precision precision) {
        if (!backend.isAvailable()) {
            return Stream.of(Finding.fatal(
                    place,
                    "backend '" + backend.name() + "' cannot run: " + backend.unavailable(),
                    "mend that, leave that host out, or name another backend by the key backend"));
        }
        if (!backend.precisions().contains(precision)) {
            return Stream.of(Finding.fatal(
                    place,
                    "backend '" + backend.name() + "' does not compute in " + precision + ", but in "
                            + backend.precisions().stream()
                                    .map(Precision::toString)
                                    .collect(Collectors.joining(", ")),
                    "set precision to " + Precision.FP32 + ", which every host has, or leave that host out"));
        }
        return Stream.empty();
    }

    private static String names(List<BackendReport> backends) {
        return backends.stream().map(BackendReport::name).collect(Collectors.joining(", "));
    }

    private static String reasons(List<BackendReport> backends) {
        return backends.stream()
                .map(backend -> "'" + backend.name() + "' as " + backend.unavailable())
                .collect(Collectors.joining("; "));
    }
}
