package org.sluice.backend.nd4j;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.sluice.tensor.DType;
import org.sluice.tensor.Memory;
import org.sluice.tensor.MemoryChecks;
import org.sluice.tensor.OperationChecks;
import org.sluice.tensor.Tensor;

/**
 * The memory family on host views: Java arrays of one tile are filled, computed on and copied back, and nothing else is allocated.
 *
 * <p>Used by one thread at a time, as the backend is, since the tiles are its own.
 */
public final class HostMemory implements Memory {
    private static final int TILE = 4096;

    private final MemoryChecks checks;
    private final float[] floats = new float[TILE];
    private final float[] moreFloats = new float[TILE];
    private final double[] doubles = new double[TILE];
    private final double[] moreDoubles = new double[TILE];
    private final ByteBuffer bytes =
            ByteBuffer.allocateDirect(TILE * DType.FLOAT64.bytes()).order(ByteOrder.LITTLE_ENDIAN);

    public HostMemory(OperationChecks checks) {
        this.checks = new MemoryChecks(checks);
    }

    @Override
    public void fill(Tensor tensor, double value) {
        checks.fill(tensor, value);
        HostView view = host(tensor);
        bytes.clear();
        while (bytes.hasRemaining()) {
            switch (tensor.dtype()) {
                case FLOAT32 -> bytes.putFloat((float) value);
                case FLOAT64 -> bytes.putDouble(value);
                case INT32 -> bytes.putInt((int) value);
            }
        }
        int tile = bytes.capacity() / tensor.dtype().bytes();
        for (long offset = 0; offset < tensor.elements(); offset += tile) {
            int count = (int) Math.min(tile, tensor.elements() - offset);
            view.put(offset, bytes.clear().limit(count * tensor.dtype().bytes()));
        }
    }

    @Override
    public void copy(Tensor source, Tensor target) {
        checks.copy(source, target);
        copyBytes(source, 0, target, 0, source.elements());
    }

    @Override
    public void copyPart(Tensor source, long from, Tensor target, long to, long elements) {
        checks.copyPart(source, from, target, to, elements);
        copyBytes(source, from, target, to, elements);
    }

    private void copyBytes(Tensor source, long from, Tensor target, long to, long elements) {
        int size = source.dtype().bytes();
        int tile = bytes.capacity() / size;
        for (long offset = 0; offset < elements; offset += tile) {
            int count = (int) Math.min(tile, elements - offset);
            host(source).get(from + offset, bytes.clear().limit(count * size));
            host(target).put(to + offset, bytes.flip());
        }
    }

    @Override
    public void cast(Tensor source, Tensor target) {
        checks.cast(source, target);
        for (long offset = 0; offset < source.elements(); offset += TILE) {
            int count = (int) Math.min(TILE, source.elements() - offset);
            getDoubles(source, offset, doubles, 0, count);
            putDoubles(target, offset, doubles, 0, count);
        }
    }

    @Override
    public void addScaled(Tensor source, double factor, Tensor target) {
        checks.addScaled(source, target);
        HostView from = host(source);
        HostView to = host(target);
        boolean single = source.dtype() == DType.FLOAT32;
        for (long offset = 0; offset < source.elements(); offset += TILE) {
            int count = (int) Math.min(TILE, source.elements() - offset);
            if (single) {
                addScaledFloats(from, (float) factor, to, offset, count);
            } else {
                addScaledDoubles(from, factor, to, offset, count);
            }
        }
    }

    private void addScaledFloats(HostView source, float factor, HostView target, long offset, int count) {
        source.get(offset, floats, 0, count);
        target.get(offset, moreFloats, 0, count);
        for (int index = 0; index < count; index++) {
            moreFloats[index] = Math.fma(factor, floats[index], moreFloats[index]);
        }
        target.put(offset, moreFloats, 0, count);
    }

    private void addScaledDoubles(HostView source, double factor, HostView target, long offset, int count) {
        source.get(offset, doubles, 0, count);
        target.get(offset, moreDoubles, 0, count);
        for (int index = 0; index < count; index++) {
            moreDoubles[index] = Math.fma(factor, doubles[index], moreDoubles[index]);
        }
        target.put(offset, moreDoubles, 0, count);
    }

    @Override
    public void write(ByteBuffer source, Tensor target, long offset) {
        checks.write(target, offset, source.remaining());
        host(target).put(offset, source);
    }

    @Override
    public void read(Tensor source, long offset, ByteBuffer target) {
        checks.read(source, offset, target.remaining());
        host(source).get(offset, target);
    }

    @Override
    public void writeInts(int[] source, Tensor target) {
        checks.writeInts(source, target);
        host(target).put(0, source, 0, source.length);
    }

    @Override
    public void writeDoubles(double[] source, Tensor target) {
        checks.writeDoubles(source, target);
        for (int offset = 0; offset < source.length; offset += TILE) {
            putDoubles(target, offset, source, offset, Math.min(TILE, source.length - offset));
        }
    }

    @Override
    public double[] readDoubles(Tensor source) {
        checks.readDoubles(source);
        double[] target = new double[(int) source.elements()];
        for (int offset = 0; offset < target.length; offset += TILE) {
            getDoubles(source, offset, target, offset, Math.min(TILE, target.length - offset));
        }
        return target;
    }

    @Override
    public double scalar(Tensor source) {
        checks.scalar(source);
        return source.dtype() == DType.FLOAT32
                ? host(source).getFloat(0)
                : host(source).getDouble(0);
    }

    private void getDoubles(Tensor source, long offset, double[] target, int from, int count) {
        if (source.dtype() == DType.FLOAT64) {
            host(source).get(offset, target, from, count);
            return;
        }
        host(source).get(offset, floats, 0, count);
        for (int index = 0; index < count; index++) {
            target[from + index] = floats[index];
        }
    }

    private void putDoubles(Tensor target, long offset, double[] source, int from, int count) {
        if (target.dtype() == DType.FLOAT64) {
            host(target).put(offset, source, from, count);
            return;
        }
        for (int index = 0; index < count; index++) {
            floats[index] = (float) source[from + index];
        }
        host(target).put(offset, floats, 0, count);
    }

    private static HostView host(Tensor tensor) {
        return ((Nd4jTensor) tensor).host();
    }
}
