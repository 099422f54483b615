package org.sluice.cluster;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sluice.cluster.preflight.FolderTrial;
import org.sluice.cluster.preflight.Inspection;
import org.sluice.cluster.preflight.Place;
import org.sluice.cluster.preflight.ProcessInspection;
import org.sluice.cluster.preflight.ProcessReport;
import org.sluice.cluster.preflight.Verdict;

/** Looks whether the executors in which workers are to live, and the driver, are what the training needs. */
final class Preflight {
    private static final Logger LOG = LoggerFactory.getLogger(Preflight.class);

    private final JavaSparkContext context;
    private final RunFolder folder;
    private final TrainingPlan plan;
    private final BlockSource blocks;
    private final SliceLayout layout;
    private final Broadcast<SerializableConfiguration> hadoop;
    private final WatchedJobs jobs;

    Preflight(
            JavaSparkContext context,
            RunFolder folder,
            TrainingPlan plan,
            BlockSource blocks,
            SliceLayout layout,
            Broadcast<SerializableConfiguration> hadoop,
            WatchedJobs jobs) {
        this.context = context;
        this.folder = folder;
        this.plan = plan;
        this.blocks = blocks;
        this.layout = layout;
        this.hadoop = hadoop;
        this.jobs = jobs;
    }

    /**
     * Asks an executor of each place.
     *
     * @param workers where all of them are to live
     * @throws org.sluice.cluster.control.FleetException if an executor is lost meanwhile
     */
    Verdict of(List<WorkerPlacement> workers) {
        long start = System.nanoTime();
        List<WorkerPlacement> executors = onePerExecutor(workers);
        Place here =
                Place.driver(context.sc().env().blockManager().blockManagerId().host());
        Inspection inspection;
        try (FolderTrial trial = new FolderTrial(folder.fileSystem(), folder.root())) {
            ProcessReport driver = ProcessInspection.ofDriver(here, trial.begin());
            List<ProcessReport> reports =
                    reports(executors, driver.runFolderProblem().isEmpty() ? trial : null);
            inspection = new Inspection(
                    new WorkerNeeds(plan, layout, blocks, new ExecutorSettings(context.getConf())).of(workers),
                    driver,
                    reports,
                    context.isLocal() ? Map.of() : clocks(executors));
        }
        Verdict verdict = Verdict.of(inspection);
        LOG.info(
                "Looked at {} executors in {} s: {} to be mended, {} warnings",
                executors.size(),
                Math.round((System.nanoTime() - start) * 1e-7) / 1e2,
                verdict.failures().size(),
                verdict.warnings().size());
        verdict.failures().forEach(LOG::warn);
        LOG.debug("{}", inspection);
        return verdict;
    }

    private static List<WorkerPlacement> onePerExecutor(List<WorkerPlacement> workers) {
        Map<String, WorkerPlacement> executors = new LinkedHashMap<>();
        workers.forEach(worker -> executors.putIfAbsent(worker.executor(), worker));
        return List.copyOf(executors.values());
    }

    /** @param trial null where the driver cannot write the run's folder, so that there is nothing for executors to find */
    private List<ProcessReport> reports(List<WorkerPlacement> executors, FolderTrial trial) {
        PreflightRdd.Inquiry inquiry = new PreflightRdd.Inquiry(
                hadoop,
                folder.root().toString(),
                trial == null ? "" : trial.folder().toString(),
                blocks);
        List<ProcessReport> reports = ask("pre-flight", executors, ProcessReport.class, inquiry);
        return trial == null
                ? reports
                : reports.stream().map(report -> seen(report, trial)).toList();
    }

    private static ProcessReport seen(ProcessReport report, FolderTrial trial) {
        return report.runFolderProblem().isEmpty()
                ? report.withRunFolderProblem(trial.seen(report.place().executor()))
                : report;
    }

    /** The clocks of executors. The time that a task takes to come and go is no difference of clocks, so these tasks do nothing else. */
    private Map<Place, Long> clocks(List<WorkerPlacement> executors) {
        long before = System.currentTimeMillis();
        List<PreflightRdd.Clock> clocks =
                ask("clocks", executors, PreflightRdd.Clock.class, PreflightRdd.Clock::ofThisExecutor);
        long after = System.currentTimeMillis();
        Map<Place, Long> differences = new HashMap<>();
        clocks.forEach(clock -> differences.put(clock.place(), difference(clock.millis(), before, after)));
        return differences;
    }

    /** By how much a clock is ahead for certain, if it was read between two moments; negative if it is behind. */
    static long difference(long millis, long before, long after) {
        if (millis < before) {
            return millis - before;
        }
        return Math.max(0, millis - after);
    }

    private <T> List<T> ask(
            String what, List<WorkerPlacement> executors, Class<T> type, PreflightRdd.Question<T> question) {
        return jobs.run(
                what,
                executors,
                () -> PartitionJob.collect(new PreflightRdd<>(context.sc(), executors, type, question)));
    }
}
