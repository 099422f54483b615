package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;

class ClusterFailureTest {
    private static String summary(Exception failure) {
        return new ClusterFailure(failure).summary();
    }

    @Test
    void theSummaryIsTheCauseWithoutSparksWrapping() {
        assertThat(
                        summary(
                                new SparkException(
                                        "[SPARK_JOB_CANCELLED] Job 7 cancelled executor 1 was lost: exited with code 137 SQLSTATE: XXKDA")))
                .isEqualTo("executor 1 was lost: exited with code 137");
        assertThat(summary(new SparkException("Job aborted due to stage failure: Task 0 failed\nDriver stacktrace:")))
                .isEqualTo("Job aborted due to stage failure: Task 0 failed");
        assertThat(summary(new SparkException("Job aborted", new IllegalStateException("block 6 was unlucky"))))
                .isEqualTo("IllegalStateException: block 6 was unlucky");
        assertThat(summary(new SparkException("Job aborted", new WorkerStateException("worker 1 has no state", null))))
                .isEqualTo("worker 1 has no state");
    }
}
