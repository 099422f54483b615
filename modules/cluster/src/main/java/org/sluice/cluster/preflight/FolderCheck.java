package org.sluice.cluster.preflight;

import java.util.stream.Stream;

/** The run's folder can be written and the dataset read, everywhere. */
final class FolderCheck implements Check {

    @Override
    public Stream<Finding> findings(Inspection inspection) {
        return Stream.concat(Stream.of(inspection.driver()), inspection.executors().stream())
                .flatMap(
                        process -> Stream.concat(
                                problem(
                                        process,
                                        process.runFolderProblem(),
                                        "name a folder by the key runs that all hosts can write under one path (hdfs://..., or a"
                                                + " shared disk), or give the user of the executors the right to"),
                                problem(
                                        process,
                                        process.datasetProblem(),
                                        "put the dataset (data.output) where all hosts can read it under one path, or give the user"
                                                + " of the executors the right to; if it is damaged, delete it and prepare it again")));
    }

    private static Stream<Finding> problem(ProcessReport process, String problem, String cure) {
        return problem.isEmpty() ? Stream.empty() : Stream.of(Finding.fatal(process.place(), problem, cure));
    }
}
