package org.sluice.cluster;

/**
 * Why an executor fails, what that is called in a message and what a user changes.
 *
 * <p>The order is that of how much a kind tells: of an executor of which two are known the first is the cause, and the other its echo. An
 * exit code of 52 says less than the exception that led to it, and a lost connection less than the exit code of the process behind it; but
 * a full disk, which an executor outlives, says less than a signal that ended it.
 */
enum FailureKind {
    JAVA_HEAP("ran out of Java heap", "", "raise {spark.executor.memory}", false),
    OFF_HEAP(
            "ran out of memory outside the Java heap",
            "",
            "lower training.microBatch, lift JavaCPP's limits by -Dorg.bytedeco.javacpp.maxbytes=0 "
                    + "-Dorg.bytedeco.javacpp.maxphysicalbytes=0 in {spark.executor.extraJavaOptions}, or {room}",
            false),
    THREADS(
            "could not start another thread",
            "",
            "raise the limit of processes on its host (ulimit -u) or of its container, or lower {spark.executor.cores}",
            false),
    NATIVE_CRASH(
            "crashed in native code",
            "",
            "update or replace the library of that frame, such as a driver or the backend, on its host; the crash is described in its log",
            true),
    MEMORY_LIMIT("was killed by the memory limit of its container", "", "lower training.microBatch, or {room}", false),
    REMOVED(
            "was taken away on purpose",
            "",
            "let {spark.dynamicAllocation.enabled} be false, and use hosts and queues from which no executor is taken away",
            false),
    KILLED(
            "was killed from outside",
            ", most likely by the kernel's or container's memory limit",
            "lower training.microBatch, or {room}",
            false),
    LOCAL_FOLDER(
            "could not use its local folders",
            "",
            "make {disk} a folder on its host that can be written and is not full",
            true),
    DISK_FULL(
            "had no space left on a disk",
            "",
            "free space on its host, or point {disk} to a larger disk; checkpoints need space in the run's folder too",
            false),
    OUT_OF_MEMORY("ran out of memory in its JVM", "", "raise {spark.executor.memory}, or {room}", true),
    TERMINATED(
            "was ended from outside",
            ", most likely by the cluster manager or a shutdown of its host",
            "see what the cluster manager or the host says about that time",
            true),
    UNCAUGHT("ended by an exception that nothing caught", "", "see the exception in its log", true),
    SILENT(
            "sent no sign of life any more",
            ", because its host or network is down, or its JVM stood still in garbage collection",
            "see whether its host is up; if it is, raise {spark.executor.memory} or {spark.network.timeout}",
            true),
    DISCONNECTED(
            "lost its connection to the driver",
            ", because its process ended or the network failed",
            "see the end of its log and what the cluster manager says",
            true),
    UNKNOWN("was lost for a reason that Spark does not know", "", "see the end of its log", true);

    private final String event;
    private final String guess;
    private final String advice;
    private final boolean logTellsMore;

    FailureKind(String event, String guess, String advice, boolean logTellsMore) {
        this.event = event;
        this.guess = guess;
        this.advice = advice;
        this.logTellsMore = logTellsMore;
    }

    /** What happened, as it follows the executor's name. */
    String event() {
        return event;
    }

    /** What most likely lies behind it; empty where the evidence says all. */
    String guess() {
        return guess;
    }

    /** What to change; the settings in it are shown with their values. */
    String advice(ExecutorSettings settings) {
        return settings.fill(advice);
    }

    /** Whether the message is to say where the executor's log is. */
    boolean logTellsMore() {
        return logTellsMore;
    }
}
