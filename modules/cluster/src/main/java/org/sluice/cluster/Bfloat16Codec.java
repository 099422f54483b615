package org.sluice.cluster;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The upper half of each value, little-endian. What is rounded beyond the largest bfloat16 becomes infinite. */
record Bfloat16Codec() implements WireCodec {
    private static final VarHandle SHORTS =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int LOWER_HALF = 16;
    private static final int JUST_BELOW_HALF = 0x7fff;
    private static final int QUIET = 0x40;

    @Override
    public int bytes(int elements) {
        return elements * Short.BYTES;
    }

    @Override
    public void encode(float[] values, int count, byte[] target, int first) {
        for (int at = 0; at < count; at++) {
            int bits = Float.floatToRawIntBits(values[at]);
            int even = (bits + JUST_BELOW_HALF + (bits >>> LOWER_HALF & 1)) >>> LOWER_HALF;
            // Rounding could carry the bits of a NaN over into those of a number.
            int rounded = Float.isNaN(values[at]) ? bits >>> LOWER_HALF | QUIET : even;
            SHORTS.set(target, (first + at) * Short.BYTES, (short) rounded);
        }
    }

    @Override
    public void decode(byte[] source, int first, float[] values, int count) {
        for (int at = 0; at < count; at++) {
            int upper = (short) SHORTS.get(source, (first + at) * Short.BYTES);
            values[at] = Float.intBitsToFloat(upper << LOWER_HALF);
        }
    }
}
