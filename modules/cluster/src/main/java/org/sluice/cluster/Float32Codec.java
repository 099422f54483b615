package org.sluice.cluster;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/** Values as they are, little-endian. */
record Float32Codec() implements WireCodec {

    @Override
    public int bytes(int elements) {
        return elements * Float.BYTES;
    }

    @Override
    public void encode(float[] values, int count, byte[] target, int first) {
        floats(target).put(first, values, 0, count);
    }

    @Override
    public void decode(byte[] source, int first, float[] values, int count) {
        floats(source).get(first, values, 0, count);
    }

    private static FloatBuffer floats(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    }
}
