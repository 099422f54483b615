package org.sluice.backend.nd4j.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class WorkerTeamTest {

    @Test
    void everyPartRunsOnceWhateverTheNumbers() {
        for (int cores : new int[] {1, 2, 3, 8}) {
            try (WorkerTeam team = new WorkerTeam(cores, Bfloat16Product::new)) {
                for (int parts : new int[] {0, 1, 2, 7, 1000}) {
                    for (int round = 0; round < 50; round++) {
                        AtomicIntegerArray runs = new AtomicIntegerArray(parts);
                        team.run(parts, (part, scratch) -> runs.incrementAndGet(part));
                        for (int part = 0; part < parts; part++) {
                            assertThat(runs.get(part))
                                    .as("runs of part %d of %d on %d cores", part, parts, cores)
                                    .isOne();
                        }
                    }
                }
            }
        }
    }

    @Test
    void allCoresWorkAtOnce() {
        try (WorkerTeam team = new WorkerTeam(3, Bfloat16Product::new)) {
            CountDownLatch together = new CountDownLatch(3);
            team.run(3, (part, scratch) -> {
                together.countDown();
                assertThat(await(together)).as("three parts at once").isTrue();
            });
        }
    }

    @Test
    void workersThatFellAsleepWakeUp() {
        Set<Thread> others = Thread.getAllStackTraces().keySet();
        try (WorkerTeam team = new WorkerTeam(2, Bfloat16Product::new)) {
            Thread worker = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().startsWith("sluice-cpu-") && !others.contains(thread))
                    .findFirst()
                    .orElseThrow();
            for (int round = 0; round < 20; round++) {
                while (worker.getState() != Thread.State.WAITING) {
                    Thread.onSpinWait();
                }
                CountDownLatch together = new CountDownLatch(2);
                team.run(2, (part, scratch) -> {
                    together.countDown();
                    assertThat(await(together)).isTrue();
                });
            }
        }
    }

    @Test
    void whatAPartThrowsReachesTheCallerAndTheTeamWorksOn() {
        for (int cores : new int[] {1, 2}) {
            try (WorkerTeam team = new WorkerTeam(cores, Bfloat16Product::new)) {
                for (int bad = 0; bad < 4; bad++) {
                    int failing = bad;
                    assertThatThrownBy(() -> team.run(4, (part, scratch) -> {
                                if (part == failing) {
                                    throw new IllegalArgumentException("part " + part);
                                }
                            }))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessage("part " + bad);
                }
                AtomicIntegerArray runs = new AtomicIntegerArray(4);
                team.run(4, (part, scratch) -> runs.incrementAndGet(part));
                assertThat(runs.toString()).isEqualTo("[1, 1, 1, 1]");
            }
        }
    }

    @Test
    void useAfterCloseIsRefused() {
        WorkerTeam team = new WorkerTeam(2, Bfloat16Product::new);
        team.close();
        team.close();
        assertThatThrownBy(() -> team.run(2, (part, scratch) -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }
}
