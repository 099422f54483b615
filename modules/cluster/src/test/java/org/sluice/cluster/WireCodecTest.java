package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WireCodecTest {
    private static final int[] LENGTHS = {1, 2, 255, 256, 257, 1000, WireCodec.TILE, WireCodec.TILE + 1, 20_001};

    /** Encodes and decodes a slice as those do who use the codecs: tile by tile. */
    private static float[] received(WireFormat format, float[] values) {
        WireCodec codec = format.codec();
        byte[] bytes = new byte[codec.bytes(values.length)];
        float[] received = new float[values.length];
        for (int first = 0; first < values.length; first += WireCodec.TILE) {
            int count = Math.min(WireCodec.TILE, values.length - first);
            codec.encode(Arrays.copyOfRange(values, first, first + count), count, bytes, first);
        }
        float[] tile = new float[WireCodec.TILE];
        for (int first = 0; first < values.length; first += WireCodec.TILE) {
            int count = Math.min(WireCodec.TILE, values.length - first);
            codec.decode(bytes, first, tile, count);
            System.arraycopy(tile, 0, received, first, count);
        }
        return received;
    }

    @ParameterizedTest
    @EnumSource
    void equalsItsSlowTwin(WireFormat format) {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int length : LENGTHS) {
            float[] values = new float[length];
            for (int at = 0; at < length; at++) {
                // Of sizes from the denormals to the largest, each block in a range of its own.
                double size = Math.scalb(1.0, (int) ((at / 256 * 37L + seed) % 252 - 126));
                values[at] = random.nextInt(20) == 0 ? 0 : (float) (size * random.nextDouble(-1, 1));
            }
            assertThat(received(format, values)).containsExactly(SlowWire.received(format, values));
        }
    }

    @ParameterizedTest
    @EnumSource
    void halvesGoToTheEvenNeighbour(WireFormat format) {
        float[] values = {127, 0.5f, 1.5f, 2.5f, -0.5f, -1.5f, -2.5f, 1 + 1 / 256f, 1 + 3 / 256f};
        float[] expected =
                switch (format) {
                    case FP32 -> values;
                    case BF16 -> new float[] {127, 0.5f, 1.5f, 2.5f, -0.5f, -1.5f, -2.5f, 1, 1 + 1 / 64f};
                    case INT8 -> new float[] {127, 0, 2, 2, 0, -2, -2, 1, 1};
                };
        float[] received = received(format, values);
        for (int at = 0; at < values.length; at++) {
            assertThat(received[at] + 0f).isEqualTo(expected[at] + 0f);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsNotFiniteIsNeverReadAsANumber(WireFormat format) {
        float[] special = {
            Float.NaN,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            Float.intBitsToFloat(0x7fffffff),
            Float.intBitsToFloat(0xffffffff),
            Float.intBitsToFloat(0x7f800001),
            Float.intBitsToFloat(0xff800001)
        };
        for (float value : special) {
            for (int place : new int[] {0, 200, 255, 256, 300}) {
                float[] values = new float[301];
                Arrays.fill(values, 0.25f);
                values[place] = value;
                float[] received = received(format, values);
                assertThat(Float.isFinite(received[place])).isFalse();
                int other = place < 256 ? 300 : 0;
                assertThat(received[other]).as("other blocks are as they were").isEqualTo(0.25f);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void zerosDenormalsAndHugeValuesStayNearWhatTheyAre(WireFormat format) {
        float[] zeros = new float[300];
        assertThat(received(format, zeros)).containsExactly(zeros);
        float[] denormals = {Float.MIN_VALUE, -1e-40f, 3e-39f, -Float.MIN_NORMAL};
        float[] receivedDenormals = received(format, denormals);
        for (int at = 0; at < denormals.length; at++) {
            assertThat(Math.abs((double) receivedDenormals[at] - denormals[at])).isLessThanOrEqualTo(127 * 1.18e-38);
        }
        float[] huge = {3e38f, -3e38f, 1e38f};
        float[] receivedHuge = received(format, huge);
        for (int at = 0; at < huge.length; at++) {
            assertThat((double) receivedHuge[at]).isBetween(huge[at] - 2e36, huge[at] + 2e36);
        }
    }

    @Test
    void takesTheBytesThatItsNameSays() {
        int elements = 1 << 20;
        assertThat(WireFormat.FP32.codec().bytes(elements)).isEqualTo(4 * elements);
        assertThat(WireFormat.BF16.codec().bytes(elements)).isEqualTo(2 * elements);
        assertThat(WireFormat.INT8.codec().bytes(elements)).isEqualTo(elements + elements / 64);
        assertThat(WireFormat.INT8.codec().bytes(257)).isEqualTo(257 + 8);
        assertThat(WireFormat.INT8.codec().bytes(1 << 28)).isEqualTo((1 << 28) + (1 << 22));
    }
}
