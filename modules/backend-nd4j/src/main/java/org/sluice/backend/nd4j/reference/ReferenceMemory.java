package org.sluice.backend.nd4j.reference;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.sluice.backend.nd4j.Nd4jTensor;
import org.sluice.tensor.DType;
import org.sluice.tensor.Memory;
import org.sluice.tensor.MemoryChecks;
import org.sluice.tensor.OperationChecks;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/** Moves numbers by ND4J's assignments and by Java arrays of one chunk, so that it works wherever ND4J keeps its memory. */
final class ReferenceMemory implements Memory {
    private static final int CHUNK = 1 << 20;

    private final MemoryChecks checks;

    ReferenceMemory(OperationChecks checks) {
        this.checks = new MemoryChecks(checks);
    }

    /** The elements of a tensor in a row. */
    static INDArray flat(Tensor tensor) {
        return ((Nd4jTensor) tensor).reshape(Shape.of(tensor.elements())).array();
    }

    @Override
    public void fill(Tensor tensor, double value) {
        checks.fill(tensor, value);
        flat(tensor).assign(value);
    }

    @Override
    public void copy(Tensor source, Tensor target) {
        checks.copy(source, target);
        flat(target).assign(flat(source));
    }

    @Override
    public void copyPart(Tensor source, long from, Tensor target, long to, long elements) {
        checks.copyPart(source, from, target, to, elements);
        part(target, to, elements).assign(part(source, from, elements));
    }

    @Override
    public void cast(Tensor source, Tensor target) {
        checks.cast(source, target);
        INDArray values = flat(target);
        values.assign(flat(source).castTo(values.dataType()));
    }

    @Override
    public void addScaled(Tensor source, double factor, Tensor target) {
        checks.addScaled(source, target);
        flat(target).addi(flat(source).mul(factor));
    }

    @Override
    public void write(ByteBuffer source, Tensor target, long offset) {
        checks.write(target, offset, source.remaining());
        int size = target.dtype().bytes();
        for (long element = offset; source.hasRemaining(); ) {
            int count = Math.min(CHUNK, source.remaining() / size);
            ByteBuffer bytes = source.slice(source.position(), count * size).order(ByteOrder.LITTLE_ENDIAN);
            part(target, element, count).assign(fromBytes(bytes, target.dtype(), count));
            source.position(source.position() + count * size);
            element += count;
        }
    }

    @Override
    public void read(Tensor source, long offset, ByteBuffer target) {
        checks.read(source, offset, target.remaining());
        int size = source.dtype().bytes();
        for (long element = offset; target.hasRemaining(); ) {
            int count = Math.min(CHUNK, target.remaining() / size);
            ByteBuffer bytes = target.slice(target.position(), count * size).order(ByteOrder.LITTLE_ENDIAN);
            toBytes(part(source, element, count), source.dtype(), bytes);
            target.position(target.position() + count * size);
            element += count;
        }
    }

    @Override
    public void writeInts(int[] source, Tensor target) {
        checks.writeInts(source, target);
        flat(target).assign(Nd4j.createFromArray(source));
    }

    @Override
    public void writeDoubles(double[] source, Tensor target) {
        checks.writeDoubles(source, target);
        INDArray values = flat(target);
        values.assign(Nd4j.createFromArray(source).castTo(values.dataType()));
    }

    @Override
    public double[] readDoubles(Tensor source) {
        checks.readDoubles(source);
        return flat(source).castTo(DataType.DOUBLE).toDoubleVector();
    }

    @Override
    public double scalar(Tensor source) {
        checks.scalar(source);
        return flat(source).getDouble(0);
    }

    private static INDArray part(Tensor tensor, long offset, long count) {
        return ((Nd4jTensor) tensor)
                .slice(tensor.name(), offset, Shape.of(count))
                .array();
    }

    private static INDArray fromBytes(ByteBuffer bytes, DType dtype, int count) {
        return switch (dtype) {
            case FLOAT32 -> {
                float[] values = new float[count];
                bytes.asFloatBuffer().get(values);
                yield Nd4j.createFromArray(values);
            }
            case FLOAT64 -> {
                double[] values = new double[count];
                bytes.asDoubleBuffer().get(values);
                yield Nd4j.createFromArray(values);
            }
            case INT32 -> {
                int[] values = new int[count];
                bytes.asIntBuffer().get(values);
                yield Nd4j.createFromArray(values);
            }
        };
    }

    private static void toBytes(INDArray values, DType dtype, ByteBuffer bytes) {
        switch (dtype) {
            case FLOAT32 -> bytes.asFloatBuffer().put(values.toFloatVector());
            case FLOAT64 -> bytes.asDoubleBuffer().put(values.toDoubleVector());
            case INT32 -> bytes.asIntBuffer().put(values.toIntVector());
        }
    }
}
