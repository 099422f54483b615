package org.sluice.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.model.DecoderConfig;
import org.sluice.model.GateConfig;
import org.sluice.model.MixtureConfig;
import org.sluice.model.Presets;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;

/**
 * What a training step leaves on the Java heap, over all threads that take part in it.
 *
 * <p>It is small objects whose number depends on the calls of operations alone: for each call that all cores share its job, its lambda and
 * the tiles' around it (40, 32 to 64 and 32 bytes), for some a record of the tensors and sizes (40 to 64 bytes); for each product of
 * matrices the descriptions of its matrices (40 bytes each), most of which the compiler avoids; and the step's result. Numbers of tokens, of
 * parameters and of sequences in a pass add nothing, but that the rows of an expert make one more product for each 512.
 *
 * <p>How much of it the compiler avoids differs from run to run, and before kernels are compiled their vectors are objects. So the least
 * of many steps counts, until it is small enough or the time is up.
 */
class StepAllocationTest {
    private static final long KIB = 1 << 10;
    private static final int MICRO_BATCH = 4;
    private static final int SHORT = 64;
    private static final int LONG = 1024;
    private static final long NANOSECONDS_OF_ATTEMPT = 60_000_000_000L;

    /** Less than one integer for each token that the long batch has more. */
    private static final long GROWTH = 12 * KIB;

    /** For more products of the experts' rows. */
    private static final long MIXTURE_GROWTH = 32 * KIB;

    private static final DecoderConfig DENSE = Presets.TINY
            .change()
            .layers(4)
            .hidden(32)
            .heads(2)
            .kvHeads(1)
            .headDim(16)
            .ffn(48)
            .vocabulary(96)
            .modifiers(List.of(GateConfig.SDPA_ELEMENTWISE))
            .build();
    private static final DecoderConfig MIXTURE =
            DENSE.change().ffn(24).mixture(MixtureConfig.of(8, 2)).build();

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static TrainingConfig training() {
        return new TrainingConfig(
                TrainingConfig.ADAMW,
                1e-3,
                1e-4,
                3,
                1_000_000,
                0.9,
                0.95,
                1e-8,
                0.1,
                1,
                1e-4,
                0.01,
                1e-3,
                MICRO_BATCH,
                11);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aStepOfADenseModelLeavesLittleThatDoesNotGrow(int cores) {
        assertLittle(DENSE, cores, 64 * KIB, GROWTH);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aStepOfAMixtureLeavesLittleThatGrowsWithProductsOnly(int cores) {
        assertLittle(MIXTURE, cores, 96 * KIB, MIXTURE_GROWTH);
    }

    private static void assertLittle(DecoderConfig model, int cores, long limit, long growth) {
        try (Backend backend = Backends.open("cpu", cores)) {
            long ofShort = leastBytes(model, backend, SHORT, limit);
            long ofLong = leastBytes(model, backend, LONG, ofShort + growth);
            System.out.printf(
                    "%d cores, %d experts: %d bytes a step of %d tokens, %d of %d%n",
                    cores, model.mixture().experts(), ofShort, MICRO_BATCH * SHORT, ofLong, MICRO_BATCH * LONG);
            assertThat(ofShort).isLessThanOrEqualTo(limit);
            assertThat(ofLong).isLessThanOrEqualTo(ofShort + growth);
        }
    }

    /** The least that a step leaves among those until one leaves no more than is enough, and some behind it. */
    private static long leastBytes(DecoderConfig model, Backend backend, int length, long enough) {
        List<TrainingBlock> blocks = blocks(model, length);
        try (Replica replica = new Replica(model, training(), backend, length)) {
            replica.initialise();
            long deadline = System.nanoTime() + NANOSECONDS_OF_ATTEMPT;
            long least = Long.MAX_VALUE;
            int more = 50;
            long[] threads = threads();
            for (long step = 0; more > 0 && System.nanoTime() < deadline; step++) {
                long before = allocatedBytes(threads);
                replica.step(step, blocks);
                least = Math.min(least, allocatedBytes(threads) - before);
                more -= least <= enough ? 1 : 0;
            }
            return least;
        }
    }

    /** This thread and those that backends work with. */
    private static long[] threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread ->
                        thread == Thread.currentThread() || thread.getName().startsWith("sluice-cpu-"))
                .mapToLong(Thread::getId)
                .toArray();
    }

    private static long allocatedBytes(long[] threads) {
        return LongStream.of(THREADS.getThreadAllocatedBytes(threads)).sum();
    }

    private static List<TrainingBlock> blocks(DecoderConfig model, int length) {
        SplittableRandom random = new SplittableRandom(5);
        List<TrainingBlock> blocks = new ArrayList<>();
        for (int block = 0; block < MICRO_BATCH; block++) {
            int[] tokens = random.ints(length + 1, 0, model.vocabulary()).toArray();
            blocks.add(new TrainingBlock(block, tokens, new int[] {0, 10 + block, length / 2}));
        }
        return blocks;
    }
}
