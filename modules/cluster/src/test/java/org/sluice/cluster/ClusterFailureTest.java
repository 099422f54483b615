package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;
import org.sluice.tensor.OutOfDeviceMemoryException;

class ClusterFailureTest {
    private static String summary(Exception failure) {
        return new ClusterFailure(failure, List.of()).summary();
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

    @Test
    void theDeathOfAnExecutorIsTheCauseAndTheExceptionItsEcho() {
        ExecutorDeath killed = new ExecutorDeath(
                "3", "host7", FailureKind.KILLED, "SIGKILL, exit code 137", "lower training.microBatch", "", 12);
        ExecutorDeath silent =
                new ExecutorDeath("4", "host8", FailureKind.SILENT, "heartbeat", "see", "host8:/stderr", 12);
        Exception echo = new SparkException("Job aborted: FetchFailed");
        assertThat(new ClusterFailure(echo, List.of(killed)).summary())
                .isEqualTo(
                        "executor 3 on host7 was killed from outside (SIGKILL, exit code 137) in round 12, most likely "
                                + "by the kernel's or container's memory limit: lower training.microBatch");
        assertThat(new ClusterFailure(echo, List.of(silent, killed)).summary())
                .startsWith("executor 4 on host8 sent no sign of life any more (heartbeat) in round 12, because ")
                .endsWith("; its log: host8:/stderr; lost as well: executor 3 on host7");
    }

    @Test
    void aLackOfMemoryIsNamedWithItsPlaceAndStaysCertain() {
        OutOfDeviceMemoryException thrown = new OutOfDeviceMemoryException("no memory for tensor 'x'", null);
        ExecutorDeath death =
                new ExecutorDeath("3", "host7", FailureKind.OFF_HEAP, thrown.getMessage(), "use less", "", 1);
        ClusterFailure failure = new ClusterFailure(new SparkException("Job aborted", thrown), List.of(death));
        assertThat(failure.certainAgain().orElseThrow())
                .isInstanceOf(OutOfDeviceMemoryException.class)
                .hasMessage(death.sentence())
                .hasCause(thrown);
        assertThat(new ClusterFailure(new SparkException("Job aborted", thrown), List.of()).certainAgain())
                .containsSame(thrown);
    }
}
