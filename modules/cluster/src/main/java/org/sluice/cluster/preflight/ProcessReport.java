package org.sluice.cluster.preflight;

import java.io.Serializable;
import java.util.List;

/**
 * What a process of the cluster found out about itself.
 *
 * @param missingOptions the options of Java that Spark wants and it was started without
 * @param backends on its class path, most preferred first; none on the driver, which computes nothing
 * @param disks to which it writes what it sends; none on the driver
 * @param runFolderProblem why the run's folder cannot be used; empty if it can
 * @param datasetProblem why the dataset cannot be read; empty if it can
 */
public record ProcessReport(
        Place place,
        Versions versions,
        List<String> missingOptions,
        List<BackendReport> backends,
        MemoryReport memory,
        List<LocalDisk> disks,
        String runFolderProblem,
        String datasetProblem)
        implements Serializable {

    /** The same with another word about the run's folder. */
    public ProcessReport withRunFolderProblem(String problem) {
        return new ProcessReport(place, versions, missingOptions, backends, memory, disks, problem, datasetProblem);
    }
}
