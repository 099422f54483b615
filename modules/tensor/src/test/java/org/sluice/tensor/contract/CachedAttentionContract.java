package org.sluice.tensor.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.tensor.DType;
import org.sluice.tensor.Tensor;

/** Holds {@link org.sluice.tensor.Attention#forwardCached} against {@link AttentionLoops} of the whole sequence. */
abstract class CachedAttentionContract extends FamilyContract {

    @Override
    List<Operation> operations(DType dtype) {
        return List.of(
                operation(dtype, 67, 31, random.firstVisible(2, 67)), operation(dtype, 1, 77, new int[] {40, 0}));
    }

    /** Of {@code time} queries of each sequence. */
    private Operation operation(DType dtype, int time, int firstTime, int[] firstVisible) {
        return Operation.named("attention forwardCached")
                .reads("query", normal(dtype, 2, time, 4, 18))
                .reads("keys", normal(dtype, 2, 103, 2, 18))
                .reads("values", normal(dtype, 2, 103, 2, 18))
                .reads("firstVisible", integers(firstVisible, 2, time))
                .writes("out", normal(dtype, 2, time, 4, 18))
                .writes("logSumExp", normal(dtype, 2, 4, time))
                .calling(a -> backend.attention()
                        .forwardCached(
                                a.apply("query"),
                                a.apply("keys"),
                                a.apply("values"),
                                a.apply("firstVisible"),
                                firstTime,
                                0.3,
                                a.apply("out"),
                                a.apply("logSumExp")));
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void queriesBehindACacheGiveWhatTheyGiveInTheWholeSequence(DType dtype) {
        for (int trial = 0; trial < 40; trial++) {
            int kvHeads = random.oneOf(1, 2, 3);
            int headDim = random.oneOf(2, 3, 8, 17, 40, 64);
            int batch = random.oneOf(1, 2, 3);
            int time = random.oneOf(1, 1, 1, 2, 3, 16, 17, 64, 65);
            int firstTime = random.oneOf(0, 1, 2, 3, 4, 31, 63, 64, 65, 130);
            AttentionLoops loops = new AttentionLoops(
                    batch,
                    firstTime + time,
                    kvHeads * random.oneOf(1, 2, 3),
                    kvHeads,
                    headDim,
                    1 / Math.sqrt(headDim),
                    random.firstVisible(batch, firstTime + time));
            new CachedCase(loops, dtype, firstTime, random.oneOf(0, 1, 2, 5, 64)).check();
        }
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void manyHeadsMayShareTheKeysOfACache(DType dtype) {
        int[] firstVisible = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 2, 2, 5, 5, 5, 5};
        new CachedCase(new AttentionLoops(2, 9, 2 * 70, 2, 3, 0.5, firstVisible), dtype, 8, 1).check();
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void badTimesOfACacheAreRefused(DType dtype) {
        Tensor query = normal(dtype, 2, 3, 2, 4);
        Tensor keys = normal(dtype, 2, 8, 1, 4);
        Tensor out = normal(dtype, 2, 3, 2, 4);
        Tensor logSumExp = normal(dtype, 2, 2, 3);
        byte[] before = bytes(out);
        Tensor zeros = integers(new int[6], 2, 3);
        for (int firstTime : new int[] {-1, 6, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            assertRefused(
                    () -> backend.attention().forwardCached(query, keys, keys, zeros, firstTime, 1, out, logSumExp),
                    "attention forwardCached",
                    "'firstTime' is",
                    "0..5, for 3 queries and a cache of 8");
        }
        for (int[] bad : new int[][] {{0, 6, 7}, {5, 5, 8}, {-1, 0, 0}, {2, 3, 2}}) {
            Tensor starts = integers(new int[] {0, 0, 0, bad[0], bad[1], bad[2]}, 2, 3);
            assertRefused(
                    () -> backend.attention().forwardCached(query, keys, keys, starts, 4, 1, out, logSumExp),
                    "attention forwardCached",
                    "'firstVisible'",
                    "sequence 1");
        }
        Tensor shorter = normal(dtype, 2, 2, 1, 4);
        assertRefused(
                () -> backend.attention().forwardCached(query, shorter, shorter, zeros, 0, 1, out, logSumExp),
                "attention forwardCached",
                "'firstTime'",
                "a cache of 2");
        assertThat(bytes(out)).as("out after the refusals").isEqualTo(before);
    }

    /** The queries from a time on, with all keys and values in a cache that holds NaN behind them. */
    private final class CachedCase {
        private final AttentionLoops loops;
        private final DType dtype;
        private final int firstTime;
        private final int placesBehind;
        private final double[] query;
        private final double[] key;
        private final double[] value;

        CachedCase(AttentionLoops loops, DType dtype, int firstTime, int placesBehind) {
            this.loops = loops;
            this.dtype = dtype;
            this.firstTime = firstTime;
            this.placesBehind = placesBehind;
            int rows = loops.batch() * loops.time();
            this.query = random.normal(dtype, rows * loops.heads() * loops.headDim(), 1);
            this.key = random.normal(dtype, rows * loops.kvHeads() * loops.headDim(), 1);
            this.value = random.normal(dtype, rows * loops.kvHeads() * loops.headDim(), 1);
        }

        void check() {
            int time = loops.time() - firstTime;
            String what = " of B " + loops.batch() + ", T " + time + " from " + firstTime + ", H " + loops.heads()
                    + ", K " + loops.kvHeads() + ", E " + loops.headDim() + ", C " + (loops.time() + placesBehind);
            int[] starts = new int[loops.batch() * time];
            for (int b = 0; b < loops.batch(); b++) {
                System.arraycopy(loops.firstVisible(), b * loops.time() + firstTime, starts, b * time, time);
            }
            int heads = loops.heads();
            int width = heads * loops.headDim();
            Tensor out = unset(dtype, loops.batch(), time, heads, loops.headDim());
            Tensor logSumExp = unset(dtype, loops.batch(), heads, time);
            backend.attention()
                    .forwardCached(
                            tensor(
                                    dtype,
                                    lastOfEach(query, loops.batch(), loops.time() * width, time * width),
                                    loops.batch(),
                                    time,
                                    heads,
                                    loops.headDim()),
                            cache(key),
                            cache(value),
                            integers(starts, loops.batch(), time),
                            firstTime,
                            loops.scale(),
                            out,
                            logSumExp);
            double[] expectedOut = loops.forward(query, key, value);
            assertClose("out" + what, out, lastOfEach(expectedOut, loops.batch(), loops.time() * width, time * width));
            double[] expectedTotals = loops.logSumExp(query, key);
            assertClose(
                    "logSumExp" + what,
                    logSumExp,
                    lastOfEach(expectedTotals, loops.batch() * heads, loops.time(), time),
                    1);
        }

        private Tensor cache(double[] values) {
            int width = loops.kvHeads() * loops.headDim();
            int places = loops.time() + placesBehind;
            double[] held = new double[loops.batch() * places * width];
            Arrays.fill(held, Double.NaN);
            for (int b = 0; b < loops.batch(); b++) {
                System.arraycopy(values, b * loops.time() * width, held, b * places * width, loops.time() * width);
            }
            return tensor(dtype, held, loops.batch(), places, loops.kvHeads(), loops.headDim());
        }

        /** The last {@code count} numbers of each of so many rows. */
        private static double[] lastOfEach(double[] values, int rows, int length, int count) {
            double[] last = new double[rows * count];
            for (int row = 0; row < rows; row++) {
                System.arraycopy(values, (row + 1) * length - count, last, row * count, count);
            }
            return last;
        }
    }
}
