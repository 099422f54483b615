package org.sluice.tensor.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.tensor.DType;
import org.sluice.tensor.Tensor;

/** Holds {@link org.sluice.tensor.Attention} against {@link AttentionLoops}. */
abstract class AttentionContract extends FamilyContract {

    @Override
    List<Operation> operations(DType dtype) {
        return List.of(
                attended("attention forward", dtype)
                        .reads("value", normal(dtype, 2, 67, 2, 18))
                        .writes("out", normal(dtype, 2, 67, 4, 18))
                        .writes("logSumExp", normal(dtype, 2, 4, 67))
                        .calling(a -> backend.attention()
                                .forward(
                                        a.apply("query"),
                                        a.apply("key"),
                                        a.apply("value"),
                                        a.apply("firstVisible"),
                                        0.3,
                                        a.apply("out"),
                                        a.apply("logSumExp"))),
                Operation.named("attention outputDot")
                        .reads("outGradient", normal(dtype, 2, 67, 4, 18))
                        .reads("out", normal(dtype, 2, 67, 4, 18))
                        .writes("delta", normal(dtype, 2, 4, 67))
                        .calling(a -> backend.attention()
                                .outputDot(a.apply("outGradient"), a.apply("out"), a.apply("delta"))),
                attended("attention backward", dtype)
                        .reads("value", normal(dtype, 2, 67, 2, 18))
                        .reads("outGradient", normal(dtype, 2, 67, 4, 18))
                        .reads("delta", normal(dtype, 2, 4, 67))
                        .reads("logSumExp", normal(dtype, 2, 4, 67))
                        .writes("queryGradient", normal(dtype, 2, 67, 4, 18))
                        .writes("keyGradient", normal(dtype, 2, 67, 2, 18))
                        .writes("valueGradient", normal(dtype, 2, 67, 2, 18))
                        .calling(a -> backend.attention()
                                .backward(
                                        a.apply("outGradient"),
                                        a.apply("delta"),
                                        a.apply("query"),
                                        a.apply("key"),
                                        a.apply("value"),
                                        a.apply("firstVisible"),
                                        0.3,
                                        a.apply("logSumExp"),
                                        a.apply("queryGradient"),
                                        a.apply("keyGradient"),
                                        a.apply("valueGradient"))),
                attended("attention firstTokenProbability", dtype)
                        .reads("logSumExp", normal(dtype, 2, 4, 67))
                        .writes("out", normal(DType.FLOAT64, 4))
                        .calling(a -> backend.attention()
                                .firstTokenProbability(
                                        a.apply("query"),
                                        a.apply("key"),
                                        a.apply("firstVisible"),
                                        0.3,
                                        a.apply("logSumExp"),
                                        a.apply("out"))));
    }

    private Operation.Builder attended(String name, DType dtype) {
        return Operation.named(name)
                .reads("query", normal(dtype, 2, 67, 4, 18))
                .reads("key", normal(dtype, 2, 67, 2, 18))
                .reads("firstVisible", integers(random.firstVisible(2, 67), 2, 67));
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void forwardAndBackwardOnRandomShapes(DType dtype) {
        for (int trial = 0; trial < 24; trial++) {
            int kvHeads = random.oneOf(1, 2, 3);
            int headDim = random.oneOf(2, 3, 8, 17, 32, 40, 64, 80, 128);
            int batch = random.oneOf(1, 2, 3);
            int time = random.oneOf(1, 2, 3, 17, 31, 33, 64, 65, 97, 130);
            AttentionLoops loops = new AttentionLoops(
                    batch,
                    time,
                    kvHeads * random.oneOf(1, 2, 3),
                    kvHeads,
                    headDim,
                    1 / Math.sqrt(headDim),
                    random.firstVisible(batch, time));
            new AttentionCase(loops, dtype, 1).check();
        }
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void oneLongDocument(DType dtype) {
        new AttentionCase(new AttentionLoops(1, 300, 2, 1, 64, 0.125, new int[300]), dtype, 1).check();
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void everyTokenItsOwnDocument(DType dtype) {
        int[] firstVisible = java.util.stream.IntStream.range(0, 70).toArray();
        new AttentionCase(new AttentionLoops(1, 70, 4, 2, 16, 0.25, firstVisible), dtype, 1).check();
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void aWindowThatSlides(DType dtype) {
        int[] firstVisible = java.util.stream.IntStream.range(0, 90)
                .map(t -> Math.max(0, t - 13))
                .toArray();
        new AttentionCase(new AttentionLoops(1, 90, 2, 2, 20, 0.25, firstVisible), dtype, 1).check();
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void largeScoresNeitherOverflowNorLoseTheirProbabilities(DType dtype) {
        double size = 20;
        AttentionLoops loops = new AttentionLoops(1, 40, 2, 1, 16, 1, random.firstVisible(1, 40));
        double[] query = random.normal(dtype, 40 * 2 * 16, size);
        double[] key = random.normal(dtype, 40 * 16, size);
        double[] value = random.normal(dtype, 40 * 16, 1);
        Tensor out = unset(dtype, 1, 40, 2, 16);
        Tensor logSumExp = unset(dtype, 1, 2, 40);
        backend.attention()
                .forward(
                        tensor(dtype, query, 1, 40, 2, 16),
                        tensor(dtype, key, 1, 40, 1, 16),
                        tensor(dtype, value, 1, 40, 1, 16),
                        integers(loops.firstVisible(), 1, 40),
                        1,
                        out,
                        logSumExp);
        assertClose("logSumExp of scores in the thousands", logSumExp, loops.logSumExp(query, key));
        // A score of some thousands is known to a float32 to about 1e-3, which is then the relative error of a
        // probability.
        double[] expected = loops.forward(query, key, value);
        double[] found = read(out);
        double tolerance = dtype == DType.FLOAT32 ? 2e-2 : 1e-10;
        for (int index = 0; index < expected.length; index++) {
            assertThat(found[index])
                    .as("out[%d], %s", index, random.description())
                    .isCloseTo(expected[index], within(tolerance));
        }
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void equalScoresGiveEqualProbabilities(DType dtype) {
        AttentionLoops loops = new AttentionLoops(1, 50, 1, 1, 8, 1, new int[50]);
        new AttentionCase(loops, dtype, 0).check();
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void badDocumentStartsAreRefused(DType dtype) {
        int[][] bad = {{0, 2, 2}, {-1, 0, 0}, {0, 1, 0}, {0, 0, Integer.MAX_VALUE}};
        for (int[] firstVisible : bad) {
            Tensor query = normal(dtype, 2, 3, 2, 4);
            Tensor key = normal(dtype, 2, 3, 1, 4);
            Tensor starts = integers(new int[] {0, 0, 0, firstVisible[0], firstVisible[1], firstVisible[2]}, 2, 3);
            Tensor logSumExp = normal(dtype, 2, 2, 3);
            Tensor out = normal(dtype, 2, 3, 2, 4);
            Tensor delta = normal(dtype, 2, 2, 3);
            Tensor keyGradient = normal(dtype, 2, 3, 1, 4);
            Tensor valueGradient = normal(dtype, 2, 3, 1, 4);
            Tensor sums = normal(DType.FLOAT64, 2);
            byte[] before = bytes(out);
            assertRefused(
                    () -> backend.attention().forward(query, key, key, starts, 1, out, logSumExp),
                    "attention forward",
                    "'firstVisible'",
                    "sequence 1");
            assertRefused(
                    () -> backend.attention()
                            .backward(
                                    query,
                                    delta,
                                    query,
                                    key,
                                    key,
                                    starts,
                                    1,
                                    logSumExp,
                                    out,
                                    keyGradient,
                                    valueGradient),
                    "attention backward",
                    "'firstVisible'",
                    "sequence 1");
            assertRefused(
                    () -> backend.attention().firstTokenProbability(query, key, starts, 1, logSumExp, sums),
                    "attention firstTokenProbability",
                    "'firstVisible'",
                    "sequence 1");
            assertThat(bytes(out)).as("out after the refusal").isEqualTo(before);
        }
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void headsMustDivide(DType dtype) {
        Tensor query = normal(dtype, 1, 3, 4, 2);
        Tensor key = normal(dtype, 1, 3, 3, 2);
        assertRefused(
                () -> backend.attention()
                        .forward(
                                query,
                                key,
                                key,
                                integers(new int[3], 1, 3),
                                1,
                                unset(dtype, 1, 3, 4, 2),
                                unset(dtype, 1, 4, 3)),
                "attention forward",
                "'key'",
                "3 key/value heads",
                "4 query heads");
    }

    /** One set of random inputs, forward and backward. */
    private final class AttentionCase {
        private final AttentionLoops loops;
        private final DType dtype;
        private final double[] query;
        private final double[] key;
        private final double[] value;

        AttentionCase(AttentionLoops loops, DType dtype, double size) {
            this.loops = loops;
            this.dtype = dtype;
            int rows = loops.batch() * loops.time();
            this.query = random.normal(dtype, rows * loops.heads() * loops.headDim(), size);
            this.key = random.normal(dtype, rows * loops.kvHeads() * loops.headDim(), size);
            this.value = random.normal(dtype, rows * loops.kvHeads() * loops.headDim(), 1);
        }

        void check() {
            String what = " of B " + loops.batch() + ", T " + loops.time() + ", H " + loops.heads() + ", K "
                    + loops.kvHeads() + ", E " + loops.headDim();
            Tensor heldQuery = heads(query, loops.heads());
            Tensor heldKey = heads(key, loops.kvHeads());
            Tensor heldValue = heads(value, loops.kvHeads());
            Tensor starts = integers(loops.firstVisible(), loops.batch(), loops.time());
            Tensor out = unsetHeads(loops.heads());
            Tensor logSumExp = unset(dtype, loops.batch(), loops.heads(), loops.time());
            backend.attention().forward(heldQuery, heldKey, heldValue, starts, loops.scale(), out, logSumExp);
            double[] expectedOut = loops.forward(query, key, value);
            assertClose("out" + what, out, expectedOut);
            assertClose("logSumExp" + what, logSumExp, loops.logSumExp(query, key), 1);

            double[] outGradient = random.normal(dtype, query.length, 1);
            Tensor heldOutGradient = heads(outGradient, loops.heads());
            Tensor delta = unset(dtype, loops.batch(), loops.heads(), loops.time());
            backend.attention().outputDot(heldOutGradient, out, delta);
            double[] expectedDelta = loops.outputDot(outGradient, expectedOut);
            assertClose("delta" + what, delta, expectedDelta, 1);

            Tensor queryGradient = unsetHeads(loops.heads());
            Tensor keyGradient = unsetHeads(loops.kvHeads());
            Tensor valueGradient = unsetHeads(loops.kvHeads());
            backend.attention()
                    .backward(
                            heldOutGradient,
                            delta,
                            heldQuery,
                            heldKey,
                            heldValue,
                            starts,
                            loops.scale(),
                            logSumExp,
                            queryGradient,
                            keyGradient,
                            valueGradient);
            AttentionLoops.Gradients gradients = loops.backward(outGradient, expectedDelta, query, key, value);
            double termSize = loops.scale() * Math.sqrt(loops.headDim());
            assertClose("queryGradient" + what, queryGradient, gradients.query(), termSize);
            assertClose("keyGradient" + what, keyGradient, gradients.key(), termSize);
            assertClose("valueGradient" + what, valueGradient, gradients.value());

            Tensor sums = unset(DType.FLOAT64, loops.heads());
            backend.attention().firstTokenProbability(heldQuery, heldKey, starts, loops.scale(), logSumExp, sums);
            double[] expectedSums = loops.firstTokenProbability(query, key);
            double[] foundSums = read(sums);
            double tolerance = dtype == DType.FLOAT32 ? 1e-5 : 1e-12;
            for (int h = 0; h < expectedSums.length; h++) {
                assertThat(foundSums[h])
                        .as("firstTokenProbability[%d]%s, %s", h, what, random.description())
                        .isCloseTo(expectedSums[h], within(tolerance * expectedSums[h]));
            }
        }

        private Tensor heads(double[] values, int count) {
            return tensor(dtype, values, loops.batch(), loops.time(), count, loops.headDim());
        }

        private Tensor unsetHeads(int count) {
            return unset(dtype, loops.batch(), loops.time(), count, loops.headDim());
        }
    }
}
