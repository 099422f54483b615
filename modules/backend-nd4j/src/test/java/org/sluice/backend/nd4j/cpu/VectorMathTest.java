package org.sluice.backend.nd4j.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.sluice.backend.nd4j.cpu.kernel.VectorMath;

/** The exponential against {@link Math#exp}, and the same bits before and after it is compiled. */
final class VectorMathTest {

    @Test
    void exponentialIsWithinOneUnitInTheLastPlace() {
        float[] arguments = new float[1 << 20];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = -87.33f + (88.72f + 87.33f) * i / (arguments.length - 1);
        }
        float[] found = exponentials(arguments);
        double worst = 0;
        float worstArgument = 0;
        for (int i = 0; i < arguments.length; i++) {
            double expected = Math.exp(arguments[i]);
            double error = Math.abs(found[i] - expected) / Math.ulp((float) expected);
            if (error > worst) {
                worst = error;
                worstArgument = arguments[i];
            }
        }
        assertThat(worst)
                .as("units in the last place, at exp(%s)", worstArgument)
                .isLessThanOrEqualTo(1);
    }

    @Test
    void exponentialAtTheEnds() {
        float[] arguments = {
            0f,
            -0f,
            -87.34f,
            -1000f,
            Float.NEGATIVE_INFINITY,
            -Float.MAX_VALUE,
            88.73f,
            1000f,
            Float.POSITIVE_INFINITY,
            Float.MAX_VALUE,
            Float.NaN,
            -Float.NaN,
            Float.MIN_VALUE,
            -Float.MIN_VALUE,
            Float.intBitsToFloat(0x7fc12345)
        };
        float infinity = Float.POSITIVE_INFINITY;
        assertThat(exponentials(arguments))
                .containsExactly(
                        1f, 1f, 0f, 0f, 0f, 0f, infinity, infinity, infinity, infinity, Float.NaN, Float.NaN, 1f, 1f,
                        Float.NaN);
    }

    @Test
    void sigmoidSaturatesExactlyAndIsSymmetric() {
        int count = VectorMath.padded(4001);
        float[] values = new float[count];
        for (int i = 0; i < 4001; i++) {
            values[i] = (i - 2000) / 10f;
        }
        VectorMath.sigmoid(values, values, count);
        for (int i = 0; i < 4001; i++) {
            double expected = 1 / (1 + Math.exp(-(double) ((i - 2000) / 10f)));
            assertThat((double) values[i])
                    .as("sigmoid(%s)", (i - 2000) / 10f)
                    .isBetween(expected * (1 - 3e-7) - 1e-37, expected * (1 + 3e-7));
        }
        assertThat(values[0]).isEqualTo(0f);
        assertThat(values[4000]).isEqualTo(1f);
    }

    @Test
    void sameBitsInterpretedAndCompiled() {
        float[] arguments = new float[4096];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = (i - 2048) / 23f;
        }
        float[] early = exponentials(arguments);
        for (int round = 0; round < 3000; round++) {
            assertThat(exponentials(arguments)).isEqualTo(early);
        }
    }

    @Test
    void aRangeLeavesTheRestAlone() {
        int lanes = VectorMath.LANES;
        float[] values = new float[3 * lanes];
        Arrays.fill(values, 2f);
        VectorMath.exp(values, lanes, lanes, 0.5f);
        for (int i = 0; i < values.length; i++) {
            float expected = i / lanes == 1 ? (float) Math.E : 2f;
            assertThat(values[i]).as("element %d", i).isEqualTo(expected);
        }
    }

    private static float[] exponentials(float[] arguments) {
        float[] values = Arrays.copyOf(arguments, VectorMath.padded(arguments.length));
        VectorMath.exp(values, 0, values.length, 1f);
        return Arrays.copyOf(values, arguments.length);
    }
}
