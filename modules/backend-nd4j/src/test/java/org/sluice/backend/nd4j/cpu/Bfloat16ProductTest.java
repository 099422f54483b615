package org.sluice.backend.nd4j.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sluice.tensor.Arena;
import org.sluice.tensor.Backend;
import org.sluice.tensor.DType;
import org.sluice.tensor.Precision;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/** Products in bfloat16 against products of the rounded operands in double precision. */
final class Bfloat16ProductTest {
    private static final long SEED = 20261127;

    /** Half a unit in the last of eight bits: what rounding the result may cost. */
    private static final double HALF_UNIT = 1.0 / 256;

    @BeforeEach
    void aProcessorForIt() {
        assumeTrue(
                ProcessorFeatures.ofThisMachine().multipliesBfloat16(),
                "skipped: this processor does not multiply bfloat16 numbers (avx512_bf16 or amx_bf16)");
    }

    @ParameterizedTest
    @CsvSource({
        "600, 96, 130, false, true, false",
        "600, 96, 130, false, true, true",
        "333, 70, 65, false, false, true",
        "128, 301, 77, true, false, true",
        "97, 515, 64, true, false, false",
        "66, 64, 64, true, true, true"
    })
    void isTheProductOfTheRoundedOperands(
            int rows, int inner, int columns, boolean transposeLeft, boolean transposeRight, boolean accumulate) {
        System.out.println("seed " + SEED);
        Random random = new Random(SEED);
        double[] left = floats(random, rows * inner);
        double[] right = floats(random, inner * columns);
        double[] before = floats(random, rows * columns);
        double[] found = product(
                Precision.BF16, left, right, before, rows, inner, columns, transposeLeft, transposeRight, accumulate);
        for (int i = 0; i < rows; i++) {
            for (int n = 0; n < columns; n++) {
                double sum = 0;
                double size = 0;
                for (int k = 0; k < inner; k++) {
                    double a = rounded(left[transposeLeft ? k * rows + i : i * inner + k]);
                    double b = rounded(right[transposeRight ? n * inner + k : k * columns + n]);
                    sum += a * b;
                    size += Math.abs(a * b);
                }
                double expected = sum + (accumulate ? before[i * columns + n] : 0);
                // Two cores may each round a part of the sum.
                assertThat(Math.abs(found[i * columns + n] - expected))
                        .as("row %d, column %d", i, n)
                        .isLessThanOrEqualTo(HALF_UNIT * (transposeLeft ? size : Math.abs(sum)) + 1e-6 * size);
            }
        }
    }

    @Test
    void aProductThatIsNotWorthItIsOneOfFloats() {
        Random random = new Random(SEED);
        double[] left = floats(random, 200 * 100);
        double[] right = floats(random, 100 * 6);
        double[] none = new double[200 * 6];
        assertThat(product(Precision.BF16, left, right, none, 200, 100, 6, false, true, false))
                .isEqualTo(product(Precision.FP32, left, right, none, 200, 100, 6, false, true, false));
    }

    @Test
    void logitsAreThoseOfFloats() {
        assertThat(losses(Precision.BF16)).isEqualTo(losses(Precision.FP32));
    }

    private static double[] losses(Precision precision) {
        int rows = 80;
        int hidden = 70;
        int vocabulary = 100;
        Random random = new Random(SEED);
        try (Backend backend = new CpuBackendProvider().open(2, precision);
                Arena arena = backend.newArena("loss")) {
            Tensor x = arena.allocate("hidden", DType.FLOAT32, Shape.of(rows, hidden));
            Tensor weight = arena.allocate("weight", DType.FLOAT32, Shape.of(vocabulary, hidden));
            Tensor targets = arena.allocate("targets", DType.INT32, Shape.of(rows));
            Tensor logits = arena.allocate("logits", DType.FLOAT32, Shape.of(rows, vocabulary));
            Tensor losses = arena.allocate("losses", DType.FLOAT32, Shape.of(rows));
            Tensor logSumExp = arena.allocate("log-sum-exp", DType.FLOAT32, Shape.of(rows));
            backend.memory().writeDoubles(floats(random, rows * hidden), x);
            backend.memory().writeDoubles(floats(random, vocabulary * hidden), weight);
            backend.loss().classifierLoss(x, weight, targets, logits, losses, logSumExp);
            return backend.memory().readDoubles(losses);
        }
    }

    private static double[] product(
            Precision precision,
            double[] left,
            double[] right,
            double[] before,
            int rows,
            int inner,
            int columns,
            boolean transposeLeft,
            boolean transposeRight,
            boolean accumulate) {
        try (Backend backend = new CpuBackendProvider().open(2, precision);
                Arena arena = backend.newArena("product")) {
            Tensor a = arena.allocate(
                    "left", DType.FLOAT32, transposeLeft ? Shape.of(inner, rows) : Shape.of(rows, inner));
            Tensor b = arena.allocate(
                    "right", DType.FLOAT32, transposeRight ? Shape.of(columns, inner) : Shape.of(inner, columns));
            Tensor out = arena.allocate("out", DType.FLOAT32, Shape.of(rows, columns));
            backend.memory().writeDoubles(left, a);
            backend.memory().writeDoubles(right, b);
            backend.memory().writeDoubles(before, out);
            backend.linearAlgebra().matmul(a, transposeLeft, b, transposeRight, out, accumulate);
            return backend.memory().readDoubles(out);
        }
    }

    private static double[] floats(Random random, int count) {
        double[] numbers = new double[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) random.nextGaussian();
        }
        return numbers;
    }

    /** The nearest number of eight significant bits, ties to even. */
    private static double rounded(double number) {
        double unit = Math.ulp((float) number) * (1 << 16);
        return Math.rint(number / unit) * unit;
    }
}
