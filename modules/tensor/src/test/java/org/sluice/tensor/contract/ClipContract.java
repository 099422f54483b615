package org.sluice.tensor.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.tensor.DType;
import org.sluice.tensor.Tensor;

/** Holds the clip of {@link org.sluice.tensor.Normalisation} against {@link NormalisationLoops}. */
abstract class ClipContract extends FamilyContract {

    @Override
    List<Operation> operations(DType dtype) {
        return List.of(
                Operation.named("clip")
                        .writes("x", normal(dtype, 200, 131))
                        .anyShape("x")
                        .anyType("x")
                        .calling(a -> backend.normalisation().clip(a.apply("x"), 1)),
                Operation.named("clipBackward")
                        .reads("x", normal(dtype, 200, 131))
                        .writes("gradient", normal(dtype, 200, 131))
                        .calling(a -> backend.normalisation().clipBackward(a.apply("x"), 1, a.apply("gradient"))));
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void clipAndItsBackward(DType dtype) {
        for (int trial = 0; trial < 8; trial++) {
            int rows = random.oneOf(1, 3, 17, 65, 200);
            int size = random.oneOf(1, 3, 17, 31, 65, 384);
            // 0.7 is no number of either type; the bound that values meet is the rounded one.
            double bound = 0.7;
            double rounded = RandomCases.rounded(dtype, bound);
            double[] x = random.normal(dtype, rows * size, 1);
            double[] gradient = random.normal(dtype, rows * size, 1);
            Tensor clipped = tensor(dtype, x, rows, size);
            Tensor held = tensor(dtype, gradient, rows, size);
            backend.normalisation().clip(clipped, bound);
            backend.normalisation().clipBackward(clipped, bound, held);
            double[] expected = NormalisationLoops.clip(x, rounded);
            assertExactly("clipped", clipped, expected);
            assertExactly("gradient", held, NormalisationLoops.clipBackward(expected, rounded, gradient));
        }
    }

    private void assertExactly(String what, Tensor actual, double[] expected) {
        double[] found = read(actual);
        for (int index = 0; index < expected.length; index++) {
            assertThat(found[index])
                    .as("%s[%d] of %d, %s", what, index, expected.length, random.description())
                    .isEqualTo(expected[index]);
        }
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void clipAtTheBoundAndOfWhatIsNoNumber(DType dtype) {
        double infinity = Double.POSITIVE_INFINITY;
        double[] values = {-infinity, -1e30, -2.5, -2, -1.5, 0, 1.5, 2, 2.5, 1e30, infinity, Double.NaN, 1};
        double[] clipped = {-2, -2, -2, -2, -1.5, 0, 1.5, 2, 2, 2, 2, Double.NaN, 1};
        double[] gradients = {3, 3, Double.NaN, 3, 3, 3, 3, 3, 3, infinity, 3, 3, Double.NaN};
        double[] expected = {0, 0, 0, 0, 3, 3, 3, 0, 0, 0, 0, 3, Double.NaN};
        for (int index = 0; index < values.length; index++) {
            values[index] = RandomCases.rounded(dtype, values[index]);
        }
        Tensor x = tensor(dtype, values, values.length);
        Tensor gradient = tensor(dtype, gradients, values.length);
        backend.normalisation().clip(x, 2);
        assertThat(read(x)).containsExactly(clipped);
        backend.normalisation().clipBackward(x, 2, gradient);
        assertThat(read(gradient)).containsExactly(expected);
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void aBoundThatIsNotAboveZeroIsRefused(DType dtype) {
        Tensor x = normal(dtype, 3, 5);
        byte[] before = bytes(x);
        for (double bound : new double[] {0, -1, Double.NaN}) {
            assertRefused(() -> backend.normalisation().clip(x, bound), "clip", "'bound'", "above 0");
            assertRefused(
                    () -> backend.normalisation().clipBackward(normal(dtype, 3, 5), bound, x),
                    "clipBackward",
                    "'bound'",
                    "above 0");
        }
        assertThat(bytes(x)).isEqualTo(before);
    }
}
