package org.sluice.cluster;

import java.util.Map;
import org.apache.spark.executor.ExecutorExitCode$;
import org.apache.spark.util.SparkExitCode$;

/** What the exit code of an executor's process says: Spark's own codes, and 128 + the signal that ended it. */
final class ExitCode {
    private static final ExecutorExitCode$ EXECUTOR = ExecutorExitCode$.MODULE$;
    private static final SparkExitCode$ SPARK = SparkExitCode$.MODULE$;
    private static final int SIGKILL = 137;
    private static final Map<Integer, String> CRASHES =
            Map.of(132, "SIGILL", 134, "SIGABRT", 135, "SIGBUS", 136, "SIGFPE", 139, "SIGSEGV");
    private static final Map<Integer, String> ENDED = Map.of(129, "SIGHUP", 130, "SIGINT", 143, "SIGTERM");
    private static final Map<Integer, FailureKind> SPARKS = Map.of(
            SPARK.UNCAUGHT_EXCEPTION(),
            FailureKind.UNCAUGHT,
            SPARK.UNCAUGHT_EXCEPTION_TWICE(),
            FailureKind.UNCAUGHT,
            SPARK.OOM(),
            FailureKind.OUT_OF_MEMORY,
            EXECUTOR.DISK_STORE_FAILED_TO_CREATE_DIR(),
            FailureKind.LOCAL_FOLDER,
            EXECUTOR.HEARTBEAT_FAILURE(),
            FailureKind.SILENT,
            EXECUTOR.KILLED_BY_TASK_REAPER(),
            FailureKind.UNKNOWN,
            EXECUTOR.BLOCK_MANAGER_REREGISTRATION_FAILED(),
            FailureKind.UNKNOWN);

    private ExitCode() {}

    static Diagnosis of(int code) {
        if (code == SIGKILL) {
            return new Diagnosis(FailureKind.KILLED, "SIGKILL, exit code " + code);
        }
        if (CRASHES.containsKey(code)) {
            return new Diagnosis(FailureKind.NATIVE_CRASH, CRASHES.get(code) + ", exit code " + code);
        }
        if (ENDED.containsKey(code)) {
            return new Diagnosis(FailureKind.TERMINATED, ENDED.get(code) + ", exit code " + code);
        }
        return SPARKS.containsKey(code)
                ? new Diagnosis(
                        SPARKS.get(code), "exit code " + code + ", Spark's for: " + EXECUTOR.explainExitCode(code))
                : new Diagnosis(FailureKind.UNKNOWN, "exit code " + code);
    }
}
