package org.sluice.backend.nd4j;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.sluice.tensor.DType;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/** A tensor in ND4J's memory. Views share the memory of the allocation that they were taken from. */
public final class Nd4jTensor implements Tensor {
    private final Nd4jArena arena;
    private final String name;
    private final DType dtype;
    private final Shape shape;
    private final INDArray root;
    private final long offset;
    private final HostView host;
    private final INDArray array;
    private final long address;

    /**
     * @param root the whole allocation, of rank 1
     * @param offset the first element of this tensor in {@code root}
     * @param host the allocation as host memory, or any part of it; null where there is no host access
     */
    Nd4jTensor(Nd4jArena arena, String name, DType dtype, Shape shape, INDArray root, long offset, HostView host) {
        this.arena = arena;
        this.name = name;
        this.dtype = dtype;
        this.shape = shape;
        this.root = root;
        this.offset = offset;
        this.host = host == null ? null : host.part(name, offset, shape.elements());
        this.array = view(root, offset, shape);
        this.address = root.data().address() + offset * dtype.bytes();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public DType dtype() {
        return dtype;
    }

    @Override
    public Shape shape() {
        return shape;
    }

    public Nd4jArena arena() {
        return arena;
    }

    /**
     * The tensor as an ND4J array of its shape, in c-order, on the tensor's own memory. It is made once; the caller may not close it.
     *
     * @throws IllegalStateException if the arena is closed
     */
    public INDArray array() {
        arena.requireOpen(name);
        return array;
    }

    /**
     * The tensor's elements as host memory, in row-major order. It is made once.
     *
     * @throws IllegalStateException if the arena is closed, or gives no host access
     */
    public HostView host() {
        arena.requireOpen(name);
        if (host == null) {
            throw new IllegalStateException("tensor '" + name + "' of arena '" + arena.name()
                    + "' has no host view: backend '" + arena.backend() + "' does not work on host memory");
        }
        return host;
    }

    /** The address of the first element, in bytes: for telling whether tensors overlap, and for native operations. */
    public long address() {
        return address;
    }

    @Override
    public Nd4jTensor reshape(Shape other) {
        arena.requireOpen(name);
        if (other.elements() != shape.elements()) {
            throw new IllegalArgumentException("tensor '" + name + "' of shape " + shape + " has " + shape.elements()
                    + " elements and cannot be reshaped to " + other + ", which has " + other.elements());
        }
        return new Nd4jTensor(arena, name, dtype, other, root, offset, host);
    }

    @Override
    public Nd4jTensor slice(String part, long first, Shape partShape) {
        arena.requireOpen(name);
        if (first < 0 || first > elements() || partShape.elements() > elements() - first) {
            throw new IndexOutOfBoundsException("part '" + part + "' of shape " + partShape + " ("
                    + partShape.elements()
                    + " elements) from element " + first + " is not inside tensor '" + name + "' of shape " + shape
                    + " (" + elements() + " elements)");
        }
        return new Nd4jTensor(arena, part, dtype, partShape, root, offset + first, host);
    }

    @Override
    public String toString() {
        return name + ": " + dtype + " " + shape;
    }

    private static INDArray view(INDArray root, long offset, Shape shape) {
        int rank = shape.rank();
        long[] dimensions = new long[rank];
        long[] strides = new long[rank];
        long stride = 1;
        for (int axis = rank - 1; axis >= 0; axis--) {
            dimensions[axis] = shape.dimension(axis);
            strides[axis] = stride;
            stride *= dimensions[axis];
        }
        return Nd4j.create(root.data(), dimensions, strides, offset, 'c');
    }
}
