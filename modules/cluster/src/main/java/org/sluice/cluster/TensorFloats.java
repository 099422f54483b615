package org.sluice.cluster;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.sluice.tensor.Memory;
import org.sluice.tensor.Tensor;

/** The flat space in a backend's memory. For one thread at a time, and at most a {@link WireCodec#TILE} of values at once. */
final class TensorFloats implements FlatFloats {
    private final Memory memory;
    private final Tensor tensor;
    private final ByteBuffer tile =
            ByteBuffer.allocate(WireCodec.TILE * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);

    TensorFloats(Memory memory, Tensor tensor) {
        this.memory = memory;
        this.tensor = tensor;
    }

    @Override
    public void read(long offset, float[] target, int count) {
        memory.read(tensor, offset, tile.clear().limit(count * Float.BYTES));
        tile.flip().asFloatBuffer().get(target, 0, count);
    }

    @Override
    public void write(long offset, float[] source, int count) {
        tile.clear().asFloatBuffer().put(source, 0, count);
        memory.write(tile.limit(count * Float.BYTES), tensor, offset);
    }
}
