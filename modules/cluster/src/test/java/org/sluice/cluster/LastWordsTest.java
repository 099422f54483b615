package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What JVMs and executors write as they die: the texts of OpenJDK 17 and Spark 4.2. */
class LastWordsTest {
    private static final List<String> CRASH = List.of(
            "#",
            "# A fatal error has been detected by the Java Runtime Environment:",
            "#",
            "#  SIGSEGV (0xb) at pc=0x00007f3a6aed2f94, pid=1974, tid=2016",
            "#",
            "# JRE version: OpenJDK Runtime Environment (17.0.15+6) (build 17.0.15+6)",
            "# Problematic frame:",
            "# C  [libnd4jcpu.so+0x1234]  gemm+0x124",
            "#");

    @TempDir
    Path temporary;

    @Test
    void aCrashIsItsSignalAndItsFrame() {
        assertThat(new CrashReport(CRASH).diagnosis())
                .contains(new Diagnosis(FailureKind.NATIVE_CRASH, "SIGSEGV at C [libnd4jcpu.so+0x1234] gemm+0x124"));
        assertThat(new LastWords(CRASH, List.of()).diagnosis()).isEqualTo(new CrashReport(CRASH).diagnosis());
        assertThat(new CrashReport(List.of("no report")).diagnosis()).isEmpty();
    }

    @Test
    void aJvmWithoutMemoryForItselfDidNotCrash() {
        assertThat(new CrashReport(
                                List.of(
                                        "#",
                                        "# There is insufficient memory for the Java Runtime Environment to continue.",
                                        "# Native memory allocation (mmap) failed to map 12288 bytes for committing reserved memory."))
                        .diagnosis())
                .contains(new Diagnosis(
                        FailureKind.OFF_HEAP,
                        "Native memory allocation (mmap) failed to map 12288 bytes for committing reserved memory"));
        assertThat(new CrashReport(List.of(
                                "#  Internal Error (debug.cpp:354), pid=1, tid=2",
                                "#  fatal error: OutOfMemory encountered: Java heap space"))
                        .diagnosis())
                .contains(
                        new Diagnosis(FailureKind.JAVA_HEAP, "fatal error: OutOfMemory encountered: Java heap space"));
    }

    @Test
    void onlyTheExceptionThatEndedTheExecutorCounts() {
        List<String> outlived = List.of(
                "26/01/01 00:00:00 ERROR Executor: Exception in task 0.0 in stage 1.0 (TID 2)",
                "java.io.IOException: No space left on device");
        assertThat(new LastWords(List.of(), outlived).diagnosis()).isEmpty();
        List<String> ended = List.of(
                "java.io.IOException: No space left on device",
                "26/01/01 00:00:01 ERROR SparkUncaughtExceptionHandler: Uncaught exception in thread Thread[dispatcher,5]",
                "java.lang.IllegalStateException: nobody expected this",
                "\tat org.example.Some.method(Some.java:1)",
                "Caused by: java.lang.RuntimeException: inner");
        assertThat(new LastWords(List.of(), ended).diagnosis())
                .contains(new Diagnosis(FailureKind.UNCAUGHT, "java.lang.IllegalStateException: nobody expected this"));
        assertThat(new LastWords(
                                List.of(),
                                List.of(
                                        "Uncaught exception in thread Thread[main]",
                                        "java.lang.OutOfMemoryError: Java heap space"))
                        .diagnosis())
                .contains(new Diagnosis(FailureKind.JAVA_HEAP, "java.lang.OutOfMemoryError: Java heap space"));
        assertThat(new LastWords(List.of("Terminating due to java.lang.OutOfMemoryError: Java heap space"), List.of())
                        .diagnosis()
                        .orElseThrow()
                        .kind())
                .isEqualTo(FailureKind.JAVA_HEAP);
    }

    @Test
    void theLogsOfAnExecutorAreInTheWorkersFolder() throws Exception {
        Path folder = Files.createDirectories(temporary.resolve("work/app-1/3"));
        Files.write(folder.resolve("hs_err_pid7.log"), CRASH);
        Files.writeString(folder.resolve("stderr"), "x".repeat(100_000) + "\nlast line\n");
        ExecutorLogs logs = ExecutorLogs.of("app-1", Map.of("SPARK_HOME", temporary.toString()));
        assertThat(logs.crashReport("3")).contains(folder.resolve("hs_err_pid7.log"));
        assertThat(logs.head(folder.resolve("hs_err_pid7.log"))).isEqualTo(CRASH);
        assertThat(logs.end("3", "stderr")).hasSize(2).endsWith("last line");
        assertThat(logs.end("3", "stdout")).isEmpty();
        assertThat(logs.folder("4")).isEmpty();
        assertThat(logs.crashReport("4")).isEmpty();
        assertThat(ExecutorLogs.of(
                                "app-1",
                                Map.of(
                                        "SPARK_WORKER_DIR",
                                        temporary.resolve("work").toString()))
                        .folder("3"))
                .contains(folder);
    }
}
