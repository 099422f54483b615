package org.sluice.cluster;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Whole numbers from -127 to 127, of which each block of 256 has its own scale.
 *
 * <p>A block is its scale, fp32, little-endian, and then a byte for each value. With {@code scale = largest magnitude / 127} a value
 * {@code x} is written as {@code q = x * (1 / scale)}, rounded, and read as {@code q * scale}. A block in which something is not finite has a
 * scale of NaN, so that all of it is read as NaN. A block whose scale would be below the smallest normal number is written as zeros; error
 * feedback keeps it until it has grown.
 */
record Int8Codec() implements WireCodec {
    private static final VarHandle FLOATS =
            MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int LARGEST = 127;
    private static final int MAGNITUDE = 0x7fffffff;
    private static final int INFINITE = 0x7f800000;

    /** A number that small added to it is rounded to a whole one, which its lowest bits then are. */
    private static final float ROUNDER = 3 << 22;

    @Override
    public int bytes(int elements) {
        return elements + (elements + BLOCK - 1) / BLOCK * Float.BYTES;
    }

    private static int offset(int first) {
        return first / BLOCK * (BLOCK + Float.BYTES);
    }

    @Override
    public void encode(float[] values, int count, byte[] target, int first) {
        int offset = offset(first);
        for (int from = 0; from < count; from += BLOCK) {
            int length = Math.min(BLOCK, count - from);
            float scale = scale(values, from, length);
            FLOATS.set(target, offset, scale);
            offset += Float.BYTES;
            round(values, from, length, scale == 0 ? 0 : 1 / scale, target, offset);
            offset += length;
        }
    }

    private static float scale(float[] values, int from, int length) {
        int largest = 0;
        for (int at = from; at < from + length; at++) {
            // Magnitudes are in the order of their bits, and infinity and NaN above all others.
            largest = Math.max(largest, Float.floatToRawIntBits(values[at]) & MAGNITUDE);
        }
        if (largest >= INFINITE) {
            return Float.NaN;
        }
        float scale = Float.intBitsToFloat(largest) / LARGEST;
        return scale < Float.MIN_NORMAL ? 0 : scale;
    }

    private static void round(float[] values, int from, int length, float inverse, byte[] target, int offset) {
        for (int at = 0; at < length; at++) {
            target[offset + at] = (byte) Float.floatToRawIntBits(values[from + at] * inverse + ROUNDER);
        }
    }

    @Override
    public void decode(byte[] source, int first, float[] values, int count) {
        int offset = offset(first);
        for (int from = 0; from < count; from += BLOCK) {
            int length = Math.min(BLOCK, count - from);
            scale(source, offset + Float.BYTES, (float) FLOATS.get(source, offset), values, from, length);
            offset += Float.BYTES + length;
        }
    }

    private static void scale(byte[] source, int offset, float scale, float[] values, int from, int length) {
        for (int at = 0; at < length; at++) {
            values[from + at] = source[offset + at] * scale;
        }
    }
}
