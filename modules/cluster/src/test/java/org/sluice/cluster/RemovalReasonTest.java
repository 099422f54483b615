package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.scheduler.ExecutorDecommission;
import org.apache.spark.scheduler.ExecutorKilled$;
import org.apache.spark.scheduler.ExecutorProcessLost;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import scala.Option;

/** The texts are those of Spark 4.2; where a class is on the class path, it makes them itself. */
class RemovalReasonTest {
    private static Diagnosis diagnose(String reason) {
        return RemovalReason.diagnose(reason);
    }

    /** Of org.apache.spark.deploy.worker.ExecutorRunner, in the standalone cluster. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "137 | KILLED | SIGKILL, exit code 137",
                "134 | NATIVE_CRASH | SIGABRT, exit code 134",
                "135 | NATIVE_CRASH | SIGBUS, exit code 135",
                "139 | NATIVE_CRASH | SIGSEGV, exit code 139",
                "143 | TERMINATED | SIGTERM, exit code 143",
                "50 | UNCAUGHT | exit code 50, Spark's for: Uncaught exception",
                "52 | OUT_OF_MEMORY | exit code 52, Spark's for: OutOfMemoryError",
                "53 | LOCAL_FOLDER | exit code 53, Spark's for: Failed to create local directory (bad spark.local.dir?)",
                "56 | SILENT | exit code 56, Spark's for: Unable to send heartbeats to driver",
                "57 | UNKNOWN | exit code 57, Spark's for: Executor killed by TaskReaper",
                "1 | UNKNOWN | exit code 1"
            })
    void exitCodes(int code, FailureKind kind, String evidence) {
        assertThat(diagnose("Command exited with code " + code)).isEqualTo(new Diagnosis(kind, evidence));
    }

    /** Of org.apache.spark.deploy.yarn.YarnAllocator. */
    @Test
    void yarn() {
        assertThat(diagnose("Container killed by YARN for exceeding physical memory limits. 5.5 GB of 5 GB physical "
                        + "memory used. Consider boosting spark.executor.memoryOverhead."))
                .isEqualTo(new Diagnosis(FailureKind.MEMORY_LIMIT, "YARN: 5.5 GB of 5 GB physical memory used"));
        assertThat(diagnose("Container killed by YARN for exceeding virtual memory limits. 11 GB of 10.5 GB virtual "
                        + "memory used. Consider boosting spark.executor.memoryOverhead or boosting "
                        + "yarn.nodemanager.vmem-pmem-ratio or disabling yarn.nodemanager.vmem-check-enabled "
                        + "because of YARN-4714."))
                .isEqualTo(new Diagnosis(FailureKind.MEMORY_LIMIT, "YARN: 11 GB of 10.5 GB virtual memory used"));
        assertThat(diagnose("Container from a bad node: container_1_0001_01_000002 on host: h. Exit status: 137. "
                        + "Diagnostics: [2026-01-01 00:00:00.000]Container killed on request. Exit code is 137"))
                .isEqualTo(new Diagnosis(FailureKind.KILLED, "SIGKILL, exit code 137"));
        assertThat(diagnose("Container from a bad node: container_1_0001_01_000002 on host: h. Exit status: 143. "
                                + "Diagnostics: Container exited with a non-zero exit code 143.")
                        .kind())
                .isEqualTo(FailureKind.TERMINATED);
        assertThat(diagnose("Container container_1_0001_01_000002 on host: h was preempted.")
                        .kind())
                .isEqualTo(FailureKind.REMOVED);
        assertThat(diagnose("Executor for container container_1_0001_01_000002 exited because of a YARN event "
                                + "(e.g., pre-emption) and not because of an error in the running job.")
                        .kind())
                .isEqualTo(FailureKind.REMOVED);
        assertThat(diagnose("Container container_1_0001_01_000002 exited from explicit termination request.")
                        .kind())
                .isEqualTo(FailureKind.REMOVED);
        assertThat(diagnose("Container marked as failed: container_1_0001_01_000002 on host: h. Exit status: -100. "
                                + "Diagnostics: Container released on a *lost* node.")
                        .kind())
                .isEqualTo(FailureKind.SILENT);
    }

    /** Of org.apache.spark.scheduler.cluster.k8s.ExecutorPodsLifecycleManager and KubernetesUtils. */
    @Test
    void kubernetes() {
        String statuses = "\nThe API gave the following container statuses:\n\n\t container name: "
                + "spark-kubernetes-executor\n\t container state: terminated\n\t exit code: 137\n\t termination reason: ";
        assertThat(diagnose("\nThe executor with id 3 exited with exit code 137(SIGKILL, possible container OOM).\n\n"
                        + statuses + "OOMKilled\n"))
                .isEqualTo(new Diagnosis(FailureKind.MEMORY_LIMIT, "OOMKilled, exit code 137"));
        assertThat(diagnose("\nThe executor with id 3 exited with exit code 137(SIGKILL, possible container OOM).\n\n"
                        + statuses + "Error\n"))
                .isEqualTo(new Diagnosis(FailureKind.KILLED, "SIGKILL, exit code 137"));
        assertThat(diagnose("\nThe executor with id 3 exited with exit code -1(unexpected).\n\nThe API gave the "
                                + "following brief reason: Evicted\nThe API gave the following message: Usage of EmptyDir "
                                + "volume \"spark-local-dir-1\" exceeds the limit \"1Gi\".\n")
                        .kind())
                .isEqualTo(FailureKind.DISK_FULL);
        assertThat(diagnose("The executor with id 3 was deleted by a user or the framework.")
                        .kind())
                .isEqualTo(FailureKind.REMOVED);
        assertThat(diagnose(
                                "The executor with ID 3 (registered at 1 ms) was not found in the cluster at the polling "
                                        + "time (2 ms) which is after the accepted detect delta time (30000 ms). The executor may "
                                        + "have been deleted but the driver missed the deletion event. Marking this executor as failed.")
                        .kind())
                .isEqualTo(FailureKind.DISCONNECTED);
    }

    /** Of the driver itself: HeartbeatReceiver, CoarseGrainedSchedulerBackend, ExecutorLossReason; and of Master. */
    @Test
    void driver() {
        assertThat(diagnose("Executor heartbeat timed out after 130012 ms"))
                .isEqualTo(new Diagnosis(FailureKind.SILENT, "Executor heartbeat timed out after 130012 ms"));
        assertThat(diagnose(
                                "Remote RPC client disassociated. Likely due to containers exceeding thresholds, or network "
                                        + "issues. Check driver logs for WARN messages.")
                        .kind())
                .isEqualTo(FailureKind.DISCONNECTED);
        assertThat(diagnose(new ExecutorProcessLost("Executor Process Lost", Option.empty(), true).toString())
                        .kind())
                .isEqualTo(FailureKind.DISCONNECTED);
        assertThat(diagnose(new ExecutorDecommission(Option.empty(), "spark scale down").toString()))
                .isEqualTo(new Diagnosis(FailureKind.REMOVED, "Executor decommission: spark scale down"));
        assertThat(diagnose(ExecutorKilled$.MODULE$.toString()))
                .isEqualTo(new Diagnosis(FailureKind.REMOVED, "Executor killed by driver"));
        assertThat(diagnose("worker lost: Not receiving heartbeat for 60 seconds")
                        .kind())
                .isEqualTo(FailureKind.SILENT);
        assertThat(diagnose("")).isEqualTo(new Diagnosis(FailureKind.UNKNOWN, "no reason given"));
        assertThat(diagnose("something new")).isEqualTo(new Diagnosis(FailureKind.UNKNOWN, "something new"));
    }
}
