package org.sluice.cluster.preflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.tensor.MemoryBound;
import org.sluice.tensor.Precision;

/** Each check fails once, and its message is what a user reads. */
class VerdictTest {
    private static final long GIB = 1L << 30;
    private static final Place DRIVER = Place.driver("head");
    private static final Place FIRST = new Place("0", "host1");
    private static final Place SECOND = new Place("1", "host2");
    private static final Versions VERSIONS = new Versions("0.1.0", "4.2.0", "17.0.9+9", 17, Map.of("cpu", "ND4J 1.0"));
    private static final BackendReport CPU =
            new BackendReport("cpu", "", List.of(Precision.BF16, Precision.FP32), List.of());
    private static final BackendReport REFERENCE =
            new BackendReport("reference", "", List.of(Precision.FP32), List.of());
    private static final MemoryReport MEMORY = new MemoryReport(2 * GIB, 2 * GIB, 64 * GIB, 60 * GIB, 64 * GIB, true);
    private static final LocalDisk DISK = new LocalDisk("/data/spark", "/data (/dev/sdb1)", 100 * GIB, "");
    private static final Requirements NEEDED = new Requirements(
            "auto",
            Precision.FP32,
            Map.of("0", 1, "1", 2),
            4 * GIB,
            GIB,
            2 * GIB,
            0,
            "give its host more memory",
            "spark.local.dir (now /data)");

    @TempDir
    Path temporary;

    /** A process of which everything is as it should be, and what a test changes of it. */
    private record Candidate(
            Place place,
            Versions versions,
            List<String> missingOptions,
            List<BackendReport> backends,
            MemoryReport memory,
            LocalDisk disk,
            String runFolderProblem,
            String datasetProblem) {
        Candidate(Place place) {
            this(place, VERSIONS, List.of(), List.of(CPU, REFERENCE), MEMORY, DISK, "", "");
        }

        Candidate with(Versions other) {
            return new Candidate(
                    place, other, missingOptions, backends, memory, disk, runFolderProblem, datasetProblem);
        }

        Candidate lacking(String... options) {
            return new Candidate(
                    place, versions, List.of(options), backends, memory, disk, runFolderProblem, datasetProblem);
        }

        Candidate with(BackendReport... others) {
            return new Candidate(
                    place, versions, missingOptions, List.of(others), memory, disk, runFolderProblem, datasetProblem);
        }

        Candidate with(MemoryReport other) {
            return new Candidate(
                    place, versions, missingOptions, backends, other, disk, runFolderProblem, datasetProblem);
        }

        Candidate with(LocalDisk other) {
            return new Candidate(
                    place, versions, missingOptions, backends, memory, other, runFolderProblem, datasetProblem);
        }

        Candidate withProblems(String runFolder, String dataset) {
            return new Candidate(place, versions, missingOptions, backends, memory, disk, runFolder, dataset);
        }

        ProcessReport report() {
            return new ProcessReport(
                    place, versions, missingOptions, backends, memory, List.of(disk), runFolderProblem, datasetProblem);
        }
    }

    private static Verdict verdict(Requirements needed, Candidate... executors) {
        ProcessReport driver = new Candidate(DRIVER).report();
        return Verdict.of(new Inspection(
                needed,
                driver,
                List.of(executors).stream().map(Candidate::report).toList(),
                Map.of()));
    }

    private static Verdict verdict(Candidate... executors) {
        return verdict(NEEDED, executors);
    }

    private static Candidate first() {
        return new Candidate(FIRST);
    }

    private static Candidate second() {
        return new Candidate(SECOND);
    }

    private static String failure(Verdict verdict) {
        assertThat(verdict.warnings()).isEmpty();
        return onlyLine(verdict.failures());
    }

    private static String onlyLine(List<String> lines) {
        assertThat(lines).hasSize(1);
        return lines.get(0);
    }

    @Test
    void whatIsAsItShouldBeIsNotMentioned() {
        assertThat(verdict(first(), second()).findings()).isEmpty();
        verdict(first(), second()).requireReady();
    }

    @Test
    void allThatIsToBeMendedIsOneMessage() {
        Verdict verdict = verdict(
                first().lacking("--add-opens=java.base/java.nio=ALL-UNNAMED"), second().withProblems("no folder", ""));
        assertThatThrownBy(verdict::requireReady)
                .isInstanceOf(PreflightException.class)
                .hasMessageContaining("\n  executor 0 on host1: Java was started without")
                .hasMessageContaining("\n  executor 1 on host2: no folder: ");
    }

    @Test
    void whatManyHaveInCommonIsSaidOnce() {
        Candidate[] executors = new Candidate[6];
        for (int number = 0; number < 6; number++) {
            executors[number] = new Candidate(new Place("" + number, "host")).withProblems("", "no data");
        }
        assertThat(failure(verdict(executors)))
                .startsWith("executor 0 on host, executor 1 on host, executor 2 on host, executor 3 on host and 2 more:"
                        + " no data: put the dataset");
    }

    @Test
    void javaIsTooOld() {
        Versions old = new Versions("0.1.0", "4.2.0", "11.0.2", 11, Map.of("cpu", "ND4J 1.0"));
        assertThat(verdict(first(), second().with(old)).failures())
                .singleElement()
                .asString()
                .startsWith("executor 1 on host2: Java is 11.0.2, and Sluice needs 17 or newer: ")
                .contains("JAVA_HOME");
    }

    @Test
    void javaLacksWhatSparkNeeds() {
        assertThat(failure(verdict(first().lacking("--add-opens=java.base/java.nio=ALL-UNNAMED"))))
                .contains("executor 0 on host1", "--add-opens=java.base/java.nio=ALL-UNNAMED", "jobs/sluice");
        Verdict withoutKerberos =
                verdict(first().lacking("--add-opens=java.security.jgss/sun.security.krb5=ALL-UNNAMED"));
        assertThat(withoutKerberos.failures()).isEmpty();
        assertThat(onlyLine(withoutKerberos.warnings())).contains("sun.security.krb5");
    }

    @Test
    void optionsThatAJvmLacksAreFound() {
        List<String> options = List.of(
                "-Da=b",
                "--add-modules=one,two",
                "--add-modules=one,three",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "--add-opens=java.base/java.net=ALL-UNNAMED");
        assertThat(JavaOptions.missing(
                        options, List.of("one", "two")::contains, List.of("java.base/java.net")::contains))
                .containsExactly("--add-modules=one,three", "--add-opens=java.base/java.nio=ALL-UNNAMED");
        assertThat(JavaOptions.missingHere())
                .as("what the tests are started with")
                .noneMatch(option -> option.contains("java.base"));
    }

    @Test
    void aVersionIsAnotherThanTheDrivers() {
        assertThat(failure(verdict(
                        first(), second().with(new Versions("0.0.9", "4.2.0", "17.0.1", 17, VERSIONS.libraries())))))
                .startsWith("executor 1 on host2: Sluice is 0.0.9, and the driver's is 0.1.0: ");
        assertThat(failure(verdict(first().with(new Versions("0.1.0", "4.1.1", "17", 17, VERSIONS.libraries())))))
                .startsWith("executor 0 on host1: Spark is 4.1.1, and the driver's is 4.2.0: ");
        assertThat(failure(verdict(first().with(new Versions("0.1.0", "4.2.0", "17", 17, Map.of("cpu", "ND4J 0.9"))))))
                .startsWith(
                        "executor 0 on host1: the library of backend 'cpu' is ND4J 0.9, and the driver's is ND4J 1.0: ");
        Verdict newer = verdict(first().with(new Versions("0.1.0", "4.2.0", "25.0.1", 25, VERSIONS.libraries())));
        assertThat(newer.failures()).isEmpty();
        assertThat(onlyLine(newer.warnings())).contains("Java is 25.0.1, and the driver's is 17.0.9+9");
    }

    @Test
    void theBackendCannotRun() {
        String old = "the processor has neither AVX2 nor AVX-512";
        BackendReport broken = new BackendReport("cpu", old, List.of(), List.of());
        assertThat(failure(verdict(first(), second().with(broken, REFERENCE))))
                .startsWith("executor 1 on host2: backend 'cpu' cannot run: " + old + ": ");
        assertThat(failure(verdict(first().with())))
                .startsWith("executor 0 on host1: there is no backend on the class path: ");
        Verdict slow = verdict(first().with(broken, REFERENCE), second().with(broken, REFERENCE));
        assertThat(slow.failures()).isEmpty();
        assertThat(onlyLine(slow.warnings())).contains("the slower backend 'reference', as 'cpu' cannot run: " + old);
        assertThat(failure(verdict(first().with(broken)))).contains("no backend can run: 'cpu' as " + old);
        assertThat(failure(verdict(needed("cuda", Precision.FP32), first())))
                .startsWith("executor 0 on host1: there is no backend 'cuda', but cpu, reference: ");
        assertThat(failure(verdict(needed("reference", Precision.BF16), first())))
                .startsWith("executor 0 on host1: backend 'reference' does not compute in bf16, but in fp32: ");
    }

    private static Requirements needed(String backend, Precision precision) {
        return new Requirements(
                backend, precision, NEEDED.workers(), NEEDED.tensorBytes(), NEEDED.directBytes(), 0, 0, "", "");
    }

    @Test
    void aSettingLeavesTooLittleMemory() {
        BackendReport limited = new BackendReport(
                "cpu", "", List.of(Precision.FP32), List.of(new MemoryBound(5 * GIB, "JavaCPP's limit", "lift it")));
        assertThat(failure(verdict(first().with(limited), second().with(limited))))
                .startsWith(
                        "executor 1 on host2: 2 workers of this training take 8.0 GiB, and JavaCPP's limit, leaves 5.0"
                                + " GiB: lift it");
        MemoryReport little = new MemoryReport(GIB, GIB / 2, 64 * GIB, 60 * GIB, 64 * GIB, true);
        assertThat(failure(verdict(first().with(little))))
                .contains("1 worker of this training takes 1.0 GiB", "-XX:MaxDirectMemorySize", "512.0 MiB")
                .contains("asynchronousCheckpoints");
    }

    @Test
    void aContainerIsTooSmall() {
        Requirements inContainers = new Requirements(
                "auto",
                Precision.FP32,
                NEEDED.workers(),
                4 * GIB,
                GIB,
                2 * GIB,
                6 * GIB,
                "raise spark.executor.memoryOverhead (now 6g)",
                "");
        assertThat(failure(verdict(inContainers, first(), second())))
                .startsWith(
                        "executor 1 on host2: 2 workers of this training take 10.0 GiB outside the Java heap, and the"
                                + " executor's container has 6.0 GiB for that: raise spark.executor.memoryOverhead (now 6g) to at"
                                + " least 10241m");
        MemoryReport container = new MemoryReport(2 * GIB, 2 * GIB, 64 * GIB, 60 * GIB, 4 * GIB, true);
        assertThat(failure(verdict(first().with(container))))
                .contains(
                        "1 worker of this training takes 5.0 GiB outside the Java heap, and its container has 4.0 GiB")
                .contains("training.microBatch", "give its host more memory");
        MemoryReport tight = new MemoryReport(2 * GIB, 2 * GIB, 64 * GIB, 60 * GIB, 6 * GIB, true);
        assertThat(onlyLine(verdict(first().with(tight)).warnings()))
                .contains("with a heap of up to 2.0 GiB is more than its container has, 6.0 GiB");
    }

    @Test
    void executorsOfAHostShareItsMemory() {
        MemoryReport small = new MemoryReport(2 * GIB, 2 * GIB, 12 * GIB, 11 * GIB, 12 * GIB, true);
        Candidate neighbour = new Candidate(new Place("1", "host1"));
        assertThat(failure(verdict(first().with(small), neighbour.with(small))))
                .contains("3 workers of this training take 15.0 GiB outside the Java heap in 2 executors of this host")
                .contains("the machine has 12.0 GiB");
        MemoryReport busy = new MemoryReport(2 * GIB, 2 * GIB, 64 * GIB, 3 * GIB, 64 * GIB, true);
        Verdict verdict = verdict(first().with(busy));
        assertThat(verdict.failures()).isEmpty();
        assertThat(onlyLine(verdict.warnings())).contains("only 3.0 GiB of the machine's 64.0 GiB are free now");
    }

    @Test
    void largePagesAreOff() {
        MemoryReport off = new MemoryReport(2 * GIB, 2 * GIB, 64 * GIB, 60 * GIB, 64 * GIB, false);
        Verdict verdict = verdict(first().with(off), second().with(off));
        assertThat(verdict.failures()).isEmpty();
        assertThat(onlyLine(verdict.warnings()))
                .startsWith("executor 0 on host1, executor 1 on host2: large pages are off");
    }

    @Test
    void aClockIsOff() {
        ProcessReport driver = new Candidate(DRIVER).report();
        List<ProcessReport> executors = List.of(first().report(), second().report());
        Verdict verdict = Verdict.of(new Inspection(NEEDED, driver, executors, Map.of(FIRST, 900L, SECOND, -7_300L)));
        assertThat(failure(verdict))
                .startsWith(
                        "executor 1 on host2: the clock is 7.3 s behind that of the driver, and may be off by 5 s at"
                                + " most: let a time service");
        Verdict slightly = Verdict.of(new Inspection(NEEDED, driver, executors, Map.of(FIRST, 2_000L)));
        assertThat(slightly.failures()).isEmpty();
        assertThat(onlyLine(slightly.warnings())).contains("executor 0 on host1: the clock is 2.0 s ahead of");
    }

    @Test
    void aDiskIsTooSmallOrCannotBeWritten() {
        LocalDisk small = new LocalDisk("/data/spark", "/data (/dev/sdb1)", 5 * GIB, "");
        Candidate neighbour = new Candidate(new Place("1", "host1"));
        assertThat(failure(verdict(first().with(small), neighbour.with(small))))
                .contains("3 workers of this host send 6.0 GiB in a round, and there are 5.0 GiB free in /data/spark")
                .contains("spark.local.dir (now /data)");
        LocalDisk broken = new LocalDisk("/data/spark", "/data/spark", 0, "AccessDeniedException: /data/spark");
        assertThat(failure(verdict(first().with(broken))))
                .contains("nothing can be written into the local folder /data/spark (AccessDeniedException");
    }

    @Test
    void aFolderIsNotThereOrNotTheSame() throws IOException {
        assertThat(failure(verdict(first().withProblems("", "the dataset d cannot be read (gone)"))))
                .startsWith(
                        "executor 0 on host1: the dataset d cannot be read (gone): put the dataset (data.output) where");
        try (RawLocalFileSystem files = new RawLocalFileSystem()) {
            files.initialize(java.net.URI.create("file:///"), new Configuration());
            org.apache.hadoop.fs.Path root = new org.apache.hadoop.fs.Path(temporary.toString(), "run");
            FolderTrial trial = new FolderTrial(files, root);
            assertThat(trial.begin()).isEmpty();
            assertThat(FolderTrial.answer(files, trial.folder(), "0")).isEmpty();
            assertThat(trial.seen("0")).isEmpty();
            assertThat(trial.seen("1")).contains("is not seen by the driver");
            org.apache.hadoop.fs.Path elsewhere = new org.apache.hadoop.fs.Path(
                    temporary.toString(), "other/" + trial.folder().getName());
            assertThat(FolderTrial.answer(files, elsewhere, "0")).contains("is not the driver's there");
            Files.writeString(new File(trial.folder().toUri().getPath(), "driver").toPath(), "another trial");
            assertThat(FolderTrial.answer(files, trial.folder(), "0")).contains("another one there");
            trial.close();
            assertThat(files.listStatus(root)).isEmpty();
        }
    }

    @Test
    void thisProcessReportsItself() throws IOException {
        File[] folders = {Files.createDirectory(temporary.resolve("local")).toFile(), new File("/proc/nowhere")};
        ProcessReport report = ProcessInspection.ofExecutor(FIRST, folders, "", "");
        assertThat(report.versions().spark()).matches("\\d+\\.\\d+\\.\\d+");
        assertThat(report.versions().javaFeature()).isGreaterThanOrEqualTo(17);
        assertThat(report.versions().libraries().get("cpu")).startsWith("ND4J ");
        assertThat(report.backends()).extracting(BackendReport::name).containsExactly("cpu", "reference");
        assertThat(report.backends().get(0).precisions()).contains(Precision.FP32);
        MemoryReport memory = report.memory();
        assertThat(memory.heap()).isBetween(64L << 20, memory.machine());
        assertThat(memory.available()).isBetween(1L << 20, memory.machine());
        assertThat(memory.container()).isBetween(64L << 20, memory.machine());
        assertThat(report.disks().get(0).free()).isPositive();
        assertThat(report.disks().get(0).problem()).isEmpty();
        assertThat(report.disks().get(1).problem()).contains("/proc/nowhere");
    }
}
