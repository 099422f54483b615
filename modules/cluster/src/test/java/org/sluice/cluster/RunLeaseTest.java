package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLeaseTest {
    /** Who waits is done as soon as the holder writes again, so that the time of expiry costs nothing, however busy the machine is. */
    private static final RunLease.Timing QUICK = new RunLease.Timing(Duration.ofMillis(50), Duration.ofSeconds(60));

    /** Of a holder that never writes its file again, so that nobody need wait long for it. */
    private static final RunLease.Timing IMPATIENT = new RunLease.Timing(Duration.ofMillis(50), Duration.ofMillis(200));

    @TempDir
    Path temporary;

    private final List<String> waiting = new ArrayList<>();
    private RunFolder folder;
    private Path file;

    @BeforeEach
    void folder() throws IOException {
        folder = TrainingFixture.folder(temporary.resolve("run"));
        file = temporary.resolve("run/lease.json");
    }

    private RunLease take(RunLease.Timing timing, LeaseHolder own) throws IOException {
        return RunLease.take(folder, waiting::add, timing, own);
    }

    private static LeaseHolder elsewhere() {
        LeaseHolder here = LeaseHolder.thisProcess();
        return new LeaseHolder(here.token(), "elsewhere", "another machine", 17, "", here.since(), 0);
    }

    @Test
    void aRunIsTakenOnceAndFreeAgainWhenClosed() throws IOException {
        try (RunLease held = folder.take(waiting::add)) {
            assertThat(LeaseHolder.parse(Files.readAllBytes(file)))
                    .hasValueSatisfying(holder -> assertThat(holder.process())
                            .isEqualTo(ProcessHandle.current().pid()));
            assertThatThrownBy(() -> folder.take(waiting::add))
                    .isInstanceOf(RunInUseException.class)
                    .hasMessageContaining(
                            "is in use by process " + ProcessHandle.current().pid() + " on ")
                    .hasMessageContaining("give this one another name");
            held.requireHeld();
            folder.requireHeld();
        }
        assertThat(file).doesNotExist();
        folder.take(waiting::add).close();
        assertThat(waiting).isEmpty();
    }

    @Test
    void aProcessOfThisMachineThatEndedIsNotWaitedFor() throws IOException, InterruptedException {
        Process process = new ProcessBuilder("true").start();
        process.waitFor();
        LeaseHolder here = LeaseHolder.thisProcess();
        LeaseHolder dead = new LeaseHolder(
                "token", here.host(), here.machine(), process.pid(), "2001-01-01T00:00:00Z", here.since(), 3);
        assertThat(dead.isOfThisMachine()).isTrue();
        Files.createDirectories(file.getParent());
        Files.write(file, dead.toBytes());
        try (RunLease held = folder.take(waiting::add)) {
            held.requireHeld();
        }
        assertThat(waiting).isEmpty();
    }

    @Test
    void anotherMachinesHolderThatWritesNoMoreIsDead() throws IOException {
        Files.createDirectories(file.getParent());
        Files.write(file, elsewhere().toBytes());
        try (RunLease held = take(IMPATIENT, LeaseHolder.thisProcess())) {
            held.requireHeld();
        }
        assertThat(waiting)
                .singleElement()
                .asString()
                .contains("was last held by process 17 on elsewhere")
                .contains("waiting up to");
    }

    @Test
    void anotherMachinesHolderThatWritesIsAlive() throws IOException {
        try (RunLease held = take(QUICK, elsewhere())) {
            assertThatThrownBy(() -> take(QUICK, LeaseHolder.thisProcess()))
                    .isInstanceOf(RunInUseException.class)
                    .hasMessageContaining("in use by process 17 on elsewhere");
            held.requireHeld();
        }
        assertThat(waiting).hasSize(1);
    }

    @Test
    void aFileThatWasCutOffIsAHoldersThatMayBeDead() throws IOException {
        Files.createDirectories(file.getParent());
        Files.write(file, new byte[0]);
        take(IMPATIENT, LeaseHolder.thisProcess()).close();
        assertThat(waiting).singleElement().asString().contains("by an unknown process");
    }

    @Test
    void aHolderThatWasHeldUpFindsTheRunTaken() throws IOException {
        // Its renewals are hours apart: as if the process had been stopped right after the first.
        RunLease.Timing stopped = new RunLease.Timing(Duration.ofHours(1), Duration.ZERO);
        try (RunLease first = take(stopped, elsewhere())) {
            first.requireHeld();
            try (RunLease second = take(IMPATIENT, LeaseHolder.thisProcess())) {
                assertThatThrownBy(first::requireHeld)
                        .isInstanceOf(RunInUseException.class)
                        .hasMessageContaining("is no longer this process's: it was taken by process ");
                first.close();
                assertThat(file)
                        .as("a lease that was lost does not free the run")
                        .exists();
                second.requireHeld();
            }
        }
    }

    @Test
    void aHolderWhoseFileWasDeletedMayNotWrite() throws IOException {
        RunLease.Timing alwaysLook = new RunLease.Timing(Duration.ofHours(1), Duration.ZERO);
        try (RunLease held = take(alwaysLook, LeaseHolder.thisProcess())) {
            Files.delete(file);
            assertThatThrownBy(held::requireHeld)
                    .isInstanceOf(RunInUseException.class)
                    .hasMessageContaining("its lease.json is gone");
        }
    }

    @Test
    void ofManyAtOnceOneGetsTheRun() throws Exception {
        int many = 8;
        ExecutorService threads = Executors.newFixedThreadPool(many);
        try {
            CyclicBarrier start = new CyclicBarrier(many);
            Callable<Optional<RunLease>> taking = () -> {
                start.await();
                try {
                    return Optional.of(take(QUICK, LeaseHolder.thisProcess()));
                } catch (RunInUseException taken) {
                    return Optional.empty();
                }
            };
            List<RunLease> holders = new ArrayList<>();
            List<Future<Optional<RunLease>>> attempts = new ArrayList<>();
            for (int index = 0; index < many; index++) {
                attempts.add(threads.submit(taking));
            }
            for (Future<Optional<RunLease>> attempt : attempts) {
                attempt.get().ifPresent(holders::add);
            }
            assertThat(holders).hasSize(1);
            holders.get(0).close();
        } finally {
            threads.shutdownNow();
        }
    }
}
