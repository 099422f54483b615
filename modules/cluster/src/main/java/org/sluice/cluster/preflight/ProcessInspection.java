package org.sluice.cluster.preflight;

import java.io.File;
import java.util.List;

/** Has the process that it is called in look at itself. */
public final class ProcessInspection {
    private ProcessInspection() {}

    /**
     * An executor: it computes, so its backends are asked too, which loads their native libraries.
     *
     * @param localFolders to which it writes what it sends
     */
    public static ProcessReport ofExecutor(
            Place place, File[] localFolders, String runFolderProblem, String datasetProblem) {
        return new ProcessReport(
                place,
                Versions.ofThisProcess(),
                JavaOptions.missingHere(),
                BackendReport.ofThisProcess(),
                MemoryReport.ofThisProcess(),
                LocalDisk.of(localFolders),
                runFolderProblem,
                datasetProblem);
    }

    /** The driver. What it reads of the dataset it has read before. */
    public static ProcessReport ofDriver(Place place, String runFolderProblem) {
        return new ProcessReport(
                place,
                Versions.ofThisProcess(),
                JavaOptions.missingHere(),
                List.of(),
                MemoryReport.ofThisProcess(),
                List.of(),
                runFolderProblem,
                "");
    }
}
