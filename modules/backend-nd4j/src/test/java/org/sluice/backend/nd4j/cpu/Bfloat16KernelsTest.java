package org.sluice.backend.nd4j.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.sluice.backend.nd4j.cpu.kernel.Bfloat16Kernels;

/** Rounding to bfloat16 against the definition: the nearer of the two neighbours, and of equally near ones the even one. */
final class Bfloat16KernelsTest {
    private static final int[] LOWER_HALVES = {0, 1, 0x7fff, 0x8000, 0x8001, 0xffff};
    private static final int UPPER_HALVES = 1 << 16;

    @Test
    void roundsToTheNearestAndTiesToTheEvenNumber() {
        float[] numbers = new float[UPPER_HALVES];
        short[] rounded = new short[UPPER_HALVES];
        for (int lower : LOWER_HALVES) {
            for (int upper = 0; upper < UPPER_HALVES; upper++) {
                numbers[upper] = Float.intBitsToFloat(upper << 16 | lower);
            }
            Bfloat16Kernels.round(numbers, rounded, UPPER_HALVES);
            for (int upper = 0; upper < UPPER_HALVES; upper++) {
                float result = Float.intBitsToFloat((rounded[upper] & 0xffff) << 16);
                if (Float.isNaN(numbers[upper])) {
                    assertThat(result).isNaN();
                } else {
                    assertThat(Float.floatToRawIntBits(result))
                            .as("%08x", upper << 16 | lower)
                            .isEqualTo(nearest(upper, lower));
                }
            }
        }
    }

    private static int nearest(int upper, int lower) {
        boolean up = lower > 0x8000 || (lower == 0x8000 && (upper & 1) == 1);
        return (upper + (up ? 1 : 0)) << 16;
    }

    @Test
    void widensExactly() {
        short[] numbers = new short[UPPER_HALVES];
        float[] widened = new float[UPPER_HALVES];
        for (int upper = 0; upper < UPPER_HALVES; upper++) {
            numbers[upper] = (short) upper;
        }
        Bfloat16Kernels.widen(numbers, widened, UPPER_HALVES);
        for (int upper = 0; upper < UPPER_HALVES; upper++) {
            assertThat(Float.floatToRawIntBits(widened[upper])).isEqualTo(upper << 16);
        }
    }
}
