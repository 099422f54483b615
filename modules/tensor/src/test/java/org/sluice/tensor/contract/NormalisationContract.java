package org.sluice.tensor.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.tensor.DType;
import org.sluice.tensor.Tensor;

/** Holds {@link org.sluice.tensor.Normalisation} against {@link NormalisationLoops}. */
abstract class NormalisationContract extends FamilyContract {
    private static final double EPSILON = 1e-6;

    @Override
    List<Operation> operations(DType dtype) {
        return List.of(
                Operation.named("rmsNorm")
                        .reads("x", normal(dtype, 200, 131))
                        .reads("weight", normal(dtype, 131))
                        .writes("out", normal(dtype, 200, 131))
                        .writes("inverseRms", normal(dtype, 200))
                        .calling(a -> backend.normalisation()
                                .rmsNorm(
                                        a.apply("x"),
                                        a.apply("weight"),
                                        EPSILON,
                                        a.apply("out"),
                                        a.apply("inverseRms"))),
                Operation.named("addRmsNorm")
                        .reads("residual", normal(dtype, 200, 131))
                        .reads("branch", normal(dtype, 200, 131))
                        .reads("weight", normal(dtype, 131))
                        .writes("sum", normal(dtype, 200, 131))
                        .writes("out", normal(dtype, 200, 131))
                        .writes("inverseRms", normal(dtype, 200))
                        .mayBe("sum", "residual")
                        .calling(a -> backend.normalisation()
                                .addRmsNorm(
                                        a.apply("residual"),
                                        a.apply("branch"),
                                        a.apply("weight"),
                                        EPSILON,
                                        a.apply("sum"),
                                        a.apply("out"),
                                        a.apply("inverseRms"))),
                Operation.named("rmsNormBackward")
                        .reads("outGradient", normal(dtype, 200, 131))
                        .reads("x", normal(dtype, 200, 131))
                        .reads("weight", normal(dtype, 131))
                        .reads("inverseRms", normal(dtype, 200))
                        .writes("xGradient", normal(dtype, 200, 131))
                        .writes("weightGradient", normal(dtype, 131))
                        .calling(a -> backend.normalisation()
                                .rmsNormBackward(
                                        a.apply("outGradient"),
                                        a.apply("x"),
                                        a.apply("weight"),
                                        a.apply("inverseRms"),
                                        a.apply("xGradient"),
                                        true,
                                        a.apply("weightGradient"))),
                Operation.named("headNormRotary")
                        .reads("x", normal(dtype, 3, 50, 5, 34))
                        .reads("weight", normal(dtype, 34))
                        .reads("cosine", normal(dtype, 50, 17))
                        .reads("sine", normal(dtype, 50, 17))
                        .writes("out", normal(dtype, 3, 50, 5, 34))
                        .writes("inverseRms", normal(dtype, 3, 50, 5))
                        .calling(a -> backend.normalisation()
                                .headNormRotary(
                                        a.apply("x"),
                                        a.apply("weight"),
                                        EPSILON,
                                        a.apply("cosine"),
                                        a.apply("sine"),
                                        a.apply("out"),
                                        a.apply("inverseRms"))),
                Operation.named("headNormRotaryBackward")
                        .reads("outGradient", normal(dtype, 3, 50, 5, 34))
                        .reads("x", normal(dtype, 3, 50, 5, 34))
                        .reads("weight", normal(dtype, 34))
                        .reads("cosine", normal(dtype, 50, 17))
                        .reads("sine", normal(dtype, 50, 17))
                        .reads("inverseRms", normal(dtype, 3, 50, 5))
                        .writes("xGradient", normal(dtype, 3, 50, 5, 34))
                        .writes("weightGradient", normal(dtype, 34))
                        .mayBe("xGradient", "outGradient")
                        .calling(a -> backend.normalisation()
                                .headNormRotaryBackward(
                                        a.apply("outGradient"),
                                        a.apply("x"),
                                        a.apply("weight"),
                                        a.apply("cosine"),
                                        a.apply("sine"),
                                        a.apply("inverseRms"),
                                        a.apply("xGradient"),
                                        a.apply("weightGradient"))));
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void rmsNorm(DType dtype) {
        for (int trial = 0; trial < 12; trial++) {
            int rows = random.oneOf(1, 3, 17, 65, 200);
            int size = random.oneOf(1, 2, 3, 17, 31, 65, 384, 1001);
            double[] x = random.normal(dtype, rows * size, random.oneOf(1, 1000) / 10.0);
            double[] weight = random.normal(dtype, size, 1);
            Tensor out = unset(dtype, rows, size);
            Tensor inverseRms = unset(dtype, rows);
            backend.normalisation()
                    .rmsNorm(tensor(dtype, x, rows, size), tensor(dtype, weight, size), EPSILON, out, inverseRms);
            assertClose("out", out, NormalisationLoops.rmsNorm(x, weight, EPSILON));
            assertClose("inverseRms", inverseRms, NormalisationLoops.inverseRms(x, size, EPSILON));
        }
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void rmsNormOfZerosIsZero(DType dtype) {
        Tensor out = unset(dtype, 2, 5);
        Tensor inverseRms = unset(dtype, 2);
        backend.normalisation()
                .rmsNorm(tensor(dtype, new double[10], 2, 5), normal(dtype, 5), EPSILON, out, inverseRms);
        assertClose("out", out, new double[10]);
        assertClose("inverseRms", inverseRms, new double[] {1000, 1000});
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void addRmsNorm(DType dtype) {
        for (int trial = 0; trial < 8; trial++) {
            int rows = random.oneOf(1, 3, 65, 200);
            int size = random.oneOf(1, 3, 31, 65, 384);
            double[] residual = random.normal(dtype, rows * size, 1);
            double[] branch = random.normal(dtype, rows * size, 1);
            double[] weight = random.normal(dtype, size, 1);
            double[] expected = new double[rows * size];
            for (int index = 0; index < expected.length; index++) {
                expected[index] = residual[index] + branch[index];
            }
            boolean inPlace = trial % 2 == 0;
            Tensor held = tensor(dtype, residual, rows, size);
            Tensor sum = inPlace ? held : unset(dtype, rows, size);
            Tensor out = unset(dtype, rows, size);
            Tensor inverseRms = unset(dtype, rows);
            backend.normalisation()
                    .addRmsNorm(
                            held,
                            tensor(dtype, branch, rows, size),
                            tensor(dtype, weight, size),
                            EPSILON,
                            sum,
                            out,
                            inverseRms);
            assertClose("sum", sum, expected);
            // A sum of one element has the norm 1 whatever rounding did to it, but for cancellation; the sum read back
            // has it too.
            double[] rounded = read(sum);
            assertClose("out", out, NormalisationLoops.rmsNorm(rounded, weight, EPSILON));
            assertClose("inverseRms", inverseRms, NormalisationLoops.inverseRms(rounded, size, EPSILON));
        }
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void rmsNormBackward(DType dtype) {
        for (int trial = 0; trial < 12; trial++) {
            int rows = random.oneOf(1, 3, 17, 65, 200);
            int size = random.oneOf(2, 3, 17, 31, 65, 384);
            boolean accumulate = trial % 2 == 0;
            double[] outGradient = random.normal(dtype, rows * size, 1);
            double[] x = random.normal(dtype, rows * size, 1);
            double[] weight = random.normal(dtype, size, 1);
            double[] before = random.normal(dtype, rows * size, 1);
            double[] weightGradient = random.normal(dtype, size, 1);
            Tensor xGradient = accumulate ? tensor(dtype, before, rows, size) : unset(dtype, rows, size);
            Tensor accumulated = tensor(dtype, weightGradient, size);
            backend.normalisation()
                    .rmsNormBackward(
                            tensor(dtype, outGradient, rows, size),
                            tensor(dtype, x, rows, size),
                            tensor(dtype, weight, size),
                            tensor(dtype, NormalisationLoops.inverseRms(x, size, EPSILON), rows),
                            xGradient,
                            accumulate,
                            accumulated);
            double[] expected = NormalisationLoops.rmsNormBackward(outGradient, x, weight, EPSILON, weightGradient);
            for (int index = 0; accumulate && index < expected.length; index++) {
                expected[index] += before[index];
            }
            assertClose("xGradient, accumulate " + accumulate, xGradient, expected, 1);
            assertClose("weightGradient", accumulated, weightGradient, 1);
        }
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void headNormRotaryAndItsBackward(DType dtype) {
        for (int trial = 0; trial < 16; trial++) {
            int batch = random.oneOf(1, 2, 3);
            int time = random.oneOf(1, 3, 17, 33);
            int heads = random.oneOf(1, 2, 3, 6);
            int headDim = random.oneOf(2, 4, 6, 10, 32, 34, 62, 64, 128);
            headNormRotaryAndItsBackward(dtype, batch, time, heads, headDim);
        }
    }

    private void headNormRotaryAndItsBackward(DType dtype, int batch, int time, int heads, int headDim) {
        int count = batch * time * heads * headDim;
        double[] x = random.normal(dtype, count, 2);
        double[] weight = random.normal(dtype, headDim, 1);
        double[] cosine = new double[time * headDim / 2];
        double[] sine = new double[cosine.length];
        for (int t = 0; t < time; t++) {
            for (int i = 0; i < headDim / 2; i++) {
                double angle = t * Math.pow(10_000, -2.0 * i / headDim);
                cosine[t * headDim / 2 + i] = RandomCases.rounded(dtype, Math.cos(angle));
                sine[t * headDim / 2 + i] = RandomCases.rounded(dtype, Math.sin(angle));
            }
        }
        Tensor heldX = tensor(dtype, x, batch, time, heads, headDim);
        Tensor heldWeight = tensor(dtype, weight, headDim);
        Tensor heldCosine = tensor(dtype, cosine, time, headDim / 2);
        Tensor heldSine = tensor(dtype, sine, time, headDim / 2);
        Tensor out = unset(dtype, batch, time, heads, headDim);
        Tensor inverseRms = unset(dtype, batch, time, heads);
        backend.normalisation().headNormRotary(heldX, heldWeight, EPSILON, heldCosine, heldSine, out, inverseRms);
        double[] normalised = NormalisationLoops.rmsNorm(x, weight, EPSILON);
        String shape = " of [" + batch + ", " + time + ", " + heads + ", " + headDim + "]";
        assertClose("out" + shape, out, NormalisationLoops.rotate(normalised, cosine, sine, time, heads, headDim, 1));
        assertClose("inverseRms" + shape, inverseRms, NormalisationLoops.inverseRms(x, headDim, EPSILON));

        double[] outGradient = random.normal(dtype, count, 1);
        double[] weightGradient = random.normal(dtype, headDim, 1);
        Tensor xGradient = unset(dtype, batch, time, heads, headDim);
        Tensor accumulated = tensor(dtype, weightGradient, headDim);
        backend.normalisation()
                .headNormRotaryBackward(
                        tensor(dtype, outGradient, batch, time, heads, headDim),
                        heldX,
                        heldWeight,
                        heldCosine,
                        heldSine,
                        inverseRms,
                        xGradient,
                        accumulated);
        double[] turnedBack = NormalisationLoops.rotate(outGradient, cosine, sine, time, heads, headDim, -1);
        double[] expected = NormalisationLoops.rmsNormBackward(turnedBack, x, weight, EPSILON, weightGradient);
        // With few elements a head's gradient cancels to far below its terms, which are as large as the inverse norm.
        double largestInverse = 0;
        for (double inverse : NormalisationLoops.inverseRms(x, headDim, EPSILON)) {
            largestInverse = Math.max(largestInverse, inverse);
        }
        assertClose("xGradient" + shape, xGradient, expected, largestInverse);
        assertClose("weightGradient" + shape, accumulated, weightGradient, 1);
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void anOddHeadDimensionIsRefused(DType dtype) {
        Tensor x = normal(dtype, 1, 2, 1, 3);
        Tensor out = unset(dtype, 1, 2, 1, 3);
        assertRefused(
                () -> backend.normalisation()
                        .headNormRotary(
                                x,
                                normal(dtype, 3),
                                EPSILON,
                                normal(dtype, 2, 1),
                                normal(dtype, 2, 1),
                                out,
                                unset(dtype, 1, 2, 1)),
                "headNormRotary",
                "'x'",
                "[1, 2, 1, 3]",
                "even");
        assertThat(read(out)).containsOnly(Double.NaN);
    }
}
