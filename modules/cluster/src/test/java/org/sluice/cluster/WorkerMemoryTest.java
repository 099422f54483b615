package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.RDDInfo;
import org.apache.spark.util.SerializableConfiguration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sluice.model.DecoderConfig;
import org.sluice.model.checkpoint.Checkpoint;
import org.sluice.model.checkpoint.FileRecord;

/** What is said beforehand of a worker's memory, against what it holds. */
@Timeout(120)
class WorkerMemoryTest {
    private static final SyntheticBlocks BLOCKS = SyntheticBlocks.of(37);

    private static JavaSparkContext context;

    @TempDir
    Path temporary;

    @BeforeAll
    static void start() {
        context = SparkSessions.local(2);
    }

    @AfterAll
    static void stop() {
        context.stop();
    }

    private static TrainingPlan plan(String model, WireFormat format) {
        ClusterConfig cluster = TrainingFixture.cluster(2, 2, OuterOptimizer.nesterov(), 2, format, false);
        return TrainingFixture.plan(TrainingFixture.model(model), TrainingFixture.adamW(8), cluster);
    }

    private static SliceLayout layout(TrainingPlan plan) {
        ClusterConfig cluster = plan.cluster();
        return SliceLayout.of(plan.model().parameters(), cluster.sliceElements(), cluster.workers(), 1);
    }

    @ParameterizedTest
    @CsvSource({"dense, fp32", "dense, bf16", "dense, int8", "mixture, fp32", "mixture, int8"})
    void aWorkerHoldsAsManyBytesOfItsBackendAsWasSaid(String model, String format) {
        TrainingPlan plan = plan(model, WireFormat.named(format).orElseThrow());
        WorkerSetup setup = new WorkerSetup(
                plan,
                layout(plan),
                BLOCKS,
                1,
                context.broadcast(new SerializableConfiguration(context.hadoopConfiguration())));
        try (Worker worker = new Worker("run", 0, setup)) {
            assertThat(worker.allocatedBytes())
                    .isEqualTo(WorkerMemory.of(plan, BLOCKS.blockLength(), 1).backend());
        }
    }

    @ParameterizedTest
    @CsvSource({"fp32", "bf16"})
    void theCopyForACheckpointAndTheVersionsAreWhatWasSaid(String format) throws IOException {
        TrainingPlan plan = plan("dense", WireFormat.named(format).orElseThrow());
        WorkerMemory memory = WorkerMemory.of(plan, BLOCKS.blockLength(), 1);
        RunFolder folder = TrainingFixture.folder(temporary.resolve(format));
        AtomicLong most = new AtomicLong();
        new Trainer(context, folder, plan, BLOCKS, new TrainingListener() {
                    @Override
                    public void round(Round done) {
                        long stored = Arrays.stream(context.sc().getRDDStorageInfo())
                                .mapToLong(RDDInfo::memSize)
                                .sum();
                        most.accumulateAndGet(stored, Math::max);
                    }
                })
                .train(false);
        long stateFile =
                Checkpoint.newest(folder.hadoop(), folder.checkpoints("baseline"), message -> {})
                        .orElseThrow()
                        .files()
                        .stream()
                        .filter(file -> file.name().equals("worker-00000.safetensors"))
                        .mapToLong(FileRecord::length)
                        .findFirst()
                        .orElseThrow();
        int header = 1000;
        assertThat(stateFile).isBetween(memory.checkpoint(), memory.checkpoint() + header);
        // Between rounds there is no version in the making; a checkpoint may keep one more than the current.
        long all = memory.versions() * plan.cluster().workers();
        assertThat(most.get()).isBetween(all / 4, all * 5 / 4);
    }

    @Test
    void whatAnOwnerMergesGrowsWithTheWorkersOnceAPartitionIsASingleSlice() {
        DecoderConfig model = TrainingFixture.MODEL;
        ClusterConfig two = TrainingFixture.cluster(2, 2, OuterOptimizer.average(), 2);
        ClusterConfig five = new ClusterChange(two).workers(5, 5).done();
        long sliceOfTwo = 2 * 500 * 4L;
        assertThat(WorkerMemory.of(TrainingFixture.plan(model, TrainingFixture.adamW(8), two), 8, 1)
                        .merging())
                .isEqualTo(2 * sliceOfTwo);
        assertThat(WorkerMemory.of(TrainingFixture.plan(model, TrainingFixture.adamW(8), five), 8, 1)
                        .merging())
                .isEqualTo(5 * 500 * 4L);
    }
}
