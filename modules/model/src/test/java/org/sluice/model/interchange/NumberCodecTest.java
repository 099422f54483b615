package org.sluice.model.interchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sluice.model.checkpoint.SafetensorsType;

class NumberCodecTest {

    /** A 16-bit number by the definition of its format: sign, exponent and fraction. */
    private static double defined(int bits, int exponentBits, int fractionBits) {
        int bias = (1 << (exponentBits - 1)) - 1;
        int exponent = (bits >>> fractionBits) & ((1 << exponentBits) - 1);
        double fraction = (bits & ((1 << fractionBits) - 1)) / (double) (1 << fractionBits);
        double sign = (bits & 0x8000) == 0 ? 1 : -1;
        if (exponent == (1 << exponentBits) - 1) {
            return fraction == 0 ? sign * Double.POSITIVE_INFINITY : Double.NaN;
        }
        return exponent == 0
                ? sign * fraction * Math.pow(2, 1 - bias)
                : sign * (1 + fraction) * Math.pow(2, exponent - bias);
    }

    private static double defined(SafetensorsType type, int bits) {
        return type == SafetensorsType.BF16 ? defined(bits, 8, 7) : defined(bits, 5, 10);
    }

    private static float decoded(SafetensorsType type, int bits) {
        return type == SafetensorsType.BF16
                ? NumberCodec.ofBfloat16((short) bits)
                : NumberCodec.ofFloat16((short) bits);
    }

    private static int encoded(SafetensorsType type, float value) {
        return (type == SafetensorsType.BF16 ? NumberCodec.bfloat16(value) : NumberCodec.float16(value)) & 0xffff;
    }

    @ParameterizedTest
    @EnumSource(names = {"BF16", "F16"})
    void everySixteenBitsAreTheNumberOfTheirFormatBothWays(SafetensorsType type) {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float value = decoded(type, bits);
            if (!Float.isNaN(value)) {
                assertThat((double) value).as("%04x", bits).isEqualTo(defined(type, bits));
                assertThat(Math.copySign(1, value)).as("%04x", bits).isEqualTo(bits < 0x8000 ? 1 : -1);
                assertThat(encoded(type, value)).as("%04x", bits).isEqualTo(bits);
            } else {
                assertThat(defined(type, bits)).as("%04x", bits).isNaN();
                assertThat(decoded(type, encoded(type, value))).as("%04x", bits).isNaN();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BF16", "F16"})
    void betweenTwoNumbersTheNearerIsTakenAndHalfWayTheEvenOne(SafetensorsType type) {
        int largest = type == SafetensorsType.BF16 ? 0x7f7f : 0x7bff;
        SplittableRandom random = new SplittableRandom(31);
        for (int bits = 0; bits < largest; bits++) {
            double below = defined(type, bits);
            double above = defined(type, bits + 1);
            double half = (below + above) / 2;
            float exactlyHalf = (float) half;
            if (exactlyHalf == half) {
                assertThat(encoded(type, exactlyHalf))
                        .as("half behind %04x", bits)
                        .isEqualTo(bits + (bits & 1));
                assertThat(encoded(type, Math.nextDown(exactlyHalf))).isEqualTo(bits);
                assertThat(encoded(type, Math.nextUp(exactlyHalf))).isEqualTo(bits + 1);
                assertThat(encoded(type, -exactlyHalf)).isEqualTo(0x8000 | (bits + (bits & 1)));
            }
            float between = (float) (below + random.nextDouble() * (above - below));
            int nearest = between - below < above - between ? bits : bits + 1;
            if (between != half) {
                assertThat(encoded(type, between)).as("%s, seed 31", between).isEqualTo(nearest);
            }
        }
        assertThat(encoded(type, (float) defined(type, largest))).isEqualTo(largest);
        assertThat(encoded(type, Float.MAX_VALUE)).as("rounds to infinity").isEqualTo(largest + 1);
    }

    @Test
    void numbersGoThroughBuffers() {
        ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        NumberCodec.put(SafetensorsType.F32, 0.1f, bytes);
        NumberCodec.put(SafetensorsType.BF16, 0.1f, bytes);
        NumberCodec.put(SafetensorsType.F16, 0.1f, bytes);
        bytes.flip();
        assertThat(NumberCodec.get(SafetensorsType.F32, bytes)).isEqualTo(0.1f);
        assertThat(NumberCodec.get(SafetensorsType.BF16, bytes))
                .isEqualTo(NumberCodec.rounded(SafetensorsType.BF16, 0.1f))
                .isEqualTo(0.100097656f);
        assertThat(NumberCodec.get(SafetensorsType.F16, bytes))
                .isEqualTo(NumberCodec.rounded(SafetensorsType.F16, 0.1f))
                .isEqualTo(0.099975586f);
    }
}
