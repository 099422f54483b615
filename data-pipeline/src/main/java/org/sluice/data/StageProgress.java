package org.sluice.data;

import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.StageInfo;
import scala.jdk.javaapi.CollectionConverters;

/** Counts the Spark tasks of one stage of a preparation for its listener, from construction to close. */
final class StageProgress extends SparkListener implements AutoCloseable {
    private static final String JOB_GROUP_PROPERTY = "spark.jobGroup.id";

    private final SparkContext spark;
    private final PreparationListener.Stage stage;
    private final PreparationListener listener;
    private final String group = "sluice-" + UUID.randomUUID();
    private final Set<Integer> stages = new HashSet<>();
    private long done;
    private long total;
    private boolean closed;

    StageProgress(SparkContext spark, PreparationListener.Stage stage, PreparationListener listener) {
        this.spark = spark;
        this.stage = stage;
        this.listener = listener;
        spark.addSparkListener(this);
        spark.setJobGroup(group, "Sluice: " + stage.title(), false);
    }

    @Override
    public synchronized void onJobStart(SparkListenerJobStart start) {
        if (start.properties() == null || !group.equals(start.properties().getProperty(JOB_GROUP_PROPERTY))) {
            return;
        }
        for (StageInfo info : CollectionConverters.asJava(start.stageInfos())) {
            if (stages.add(info.stageId())) {
                total += info.numTasks();
            }
        }
        report(done);
    }

    @Override
    public synchronized void onTaskEnd(SparkListenerTaskEnd end) {
        if (stages.contains(end.stageId()) && end.taskInfo().successful()) {
            done++;
            report(Math.min(done, total));
        }
    }

    @Override
    public void close() {
        spark.clearJobGroup();
        spark.removeSparkListener(this);
        synchronized (this) {
            // Stages whose results Spark still had are not run again, so the count may have ended short.
            report(total);
            closed = true;
        }
    }

    private void report(long reached) {
        if (!closed) {
            listener.progress(stage, reached, total);
        }
    }
}
