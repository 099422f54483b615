package org.sluice.cluster;

import java.io.IOException;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.sluice.cluster.preflight.FolderTrial;
import org.sluice.cluster.preflight.Place;
import org.sluice.cluster.preflight.ProcessInspection;
import org.sluice.cluster.preflight.ProcessReport;

/** Asks executors before the first round: a task in each. */
final class PreflightRdd<T> extends PinnedRdd<T> {
    private static final long serialVersionUID = 1;

    private final Question<T> question;

    /** What an executor is asked. */
    @FunctionalInterface
    interface Question<T> extends Serializable {
        T answer();
    }

    PreflightRdd(SparkContext context, List<WorkerPlacement> executors, Class<T> type, Question<T> question) {
        super(context, List.of(), executors, type);
        this.question = question;
    }

    @Override
    Iterator<T> work(int worker, int rank, TaskContext context) {
        return List.of(question.answer()).iterator();
    }

    private static Place here() {
        return new Place(
                SparkEnv.get().executorId(),
                SparkEnv.get().blockManager().blockManagerId().host());
    }

    /** What time an executor has. */
    record Clock(Place place, long millis) implements Serializable {

        static Clock ofThisExecutor() {
            return new Clock(here(), System.currentTimeMillis());
        }
    }

    /**
     * What an executor is.
     *
     * @param trial the folder of the {@link FolderTrial}; empty if there is none
     */
    record Inquiry(Broadcast<SerializableConfiguration> hadoop, String runFolder, String trial, BlockSource blocks)
            implements Question<ProcessReport> {

        @Override
        public ProcessReport answer() {
            Place place = here();
            return ProcessInspection.ofExecutor(
                    place,
                    SparkEnv.get().blockManager().diskBlockManager().localDirs(),
                    trial.isEmpty() ? "" : runFolderProblem(place),
                    datasetProblem());
        }

        private Configuration configuration() {
            return hadoop.value().value();
        }

        private String runFolderProblem(Place place) {
            try {
                RunFolder folder = new RunFolder(configuration(), runFolder);
                return FolderTrial.answer(folder.fileSystem(), new Path(trial), place.executor());
            } catch (IOException | RuntimeException failure) {
                return "the file system of the run's folder " + runFolder + " cannot be reached ("
                        + BackgroundFiles.describe(failure) + ")";
            }
        }

        private String datasetProblem() {
            try {
                blocks.requireReadable(configuration());
                return "";
            } catch (RuntimeException failure) {
                return "the dataset " + blocks.name() + " cannot be read (" + BackgroundFiles.describe(failure) + ")";
            }
        }
    }
}
