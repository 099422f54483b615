package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random faults between the events of a training whose hosts, executors and driver are processes of their own: every block is counted once all
 * the same. {@code -Dfaults.seed=N} tries another schedule.
 */
@Tag("slow")
@Timeout(600)
class RandomFaultsTest {
    /** Their schedules have each kind of fault. */
    private static final long[] SEEDS = {303_933, 746_194};

    @TempDir
    static Path shared;

    private static StandaloneCluster cluster;

    @TempDir
    Path temporary;

    static LongStream seeds() {
        Long given = Long.getLong("faults.seed");
        return given == null ? LongStream.of(SEEDS) : LongStream.of(given);
    }

    @BeforeAll
    static void start() throws IOException {
        cluster = new StandaloneCluster(shared.resolve("cluster"), FaultyTraining.HOSTS);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void everyBlockIsCountedOnce(long seed) throws IOException, InterruptedException {
        System.out.println("seed " + seed + "; -Dfaults.seed=" + seed + " replays it");
        List<String> faults = new ArrayList<>();
        try (FaultyTraining training = new FaultyTraining(temporary, cluster, new SplittableRandom(seed), faults)) {
            assertThat(training.run())
                    .as(() -> "seed " + seed + ", faults " + faults + ", " + logs())
                    .isEqualTo("end COMPLETED");
        } finally {
            System.out.println("seed " + seed + ": " + faults);
        }
        assertThat(faults).as("faults of seed %d", seed).hasSizeGreaterThanOrEqualTo(FaultyTraining.FAULTS);
        CountedBlocks.requireEachOnce(
                TrainingFixture.folder(temporary.resolve("run")), FaultyTraining.SIZE.steps() * SteppedTraining.BLOCKS);
    }

    /** What the drivers said, in the order of their names. */
    private String logs() {
        StringBuilder logs = new StringBuilder();
        for (int driver = 0; Files.exists(FaultyTraining.log(temporary, driver)); driver++) {
            try {
                logs.append("driver ").append(driver).append(":\n");
                logs.append(Files.readString(FaultyTraining.log(temporary, driver)));
            } catch (IOException unreadable) {
                logs.append(unreadable).append('\n');
            }
        }
        return logs.toString();
    }
}
