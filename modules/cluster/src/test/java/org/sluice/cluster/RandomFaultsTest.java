package org.sluice.cluster;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.cluster.SteppedTraining.TrainingSize;

/**
 * A random schedule of faults on real processes: hosts die and come, the driver dies and is resumed. {@code -Dseed} replays one. Many more
 * schedules are in the simulation, with the driver's own code.
 */
@Tag("slow")
@Timeout(240)
class RandomFaultsTest {
    private static final TrainingSize SIZE = new TrainingSize(3, 1, 48);
    private static final int FAULTS = 5;

    @TempDir
    Path temporary;

    private final List<Integer> alive = new ArrayList<>();
    private int hosts;
    private int drivers;

    @Test
    void everyBlockIsCountedOnce() throws IOException, InterruptedException {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("seed " + seed + "; -Dseed=" + seed + " replays it");
        SplittableRandom random = new SplittableRandom(seed);
        Path run = temporary.resolve("run");
        try (StandaloneCluster cluster = new StandaloneCluster(temporary.resolve("cluster"), SIZE.workers())) {
            for (; hosts < SIZE.workers(); hosts++) {
                alive.add(hosts);
            }
            SteppedTraining training = driver(cluster, run, SIZE.workers());
            try {
                int faults = 0;
                String event = training.event();
                while (event != null && !event.startsWith("end")) {
                    if (faults < FAULTS && event.startsWith("round") && random.nextInt(3) == 0) {
                        faults++;
                        training = strike(random.nextInt(3), random, cluster, training, run);
                    } else {
                        training.goOn();
                    }
                    event = training.event();
                }
            } finally {
                training.close();
            }
        }
        CountedBlocks.requireEachOnce(TrainingFixture.folder(run), SIZE.steps() * SteppedTraining.BLOCKS);
    }

    /** Each driver finds what the one before left. */
    private SteppedTraining driver(StandaloneCluster cluster, Path run, int executors) throws IOException {
        drivers++;
        return new SteppedTraining(
                temporary.resolve("driver-" + drivers + ".log"), cluster, executors, run, SIZE, drivers > 1);
    }

    private SteppedTraining strike(
            int kind, SplittableRandom random, StandaloneCluster cluster, SteppedTraining training, Path run)
            throws IOException, InterruptedException {
        if (kind == 0) {
            System.out.println("the driver is killed");
            training.kill();
            return driver(cluster, run, 1);
        }
        if (kind == 1 && alive.size() > 1) {
            int host = alive.remove(random.nextInt(alive.size()));
            System.out.println("host " + host + " is killed");
            cluster.killWorker(host);
        } else {
            System.out.println("host " + hosts + " is new");
            cluster.addWorker();
            alive.add(hosts++);
        }
        training.goOn();
        return training;
    }
}
