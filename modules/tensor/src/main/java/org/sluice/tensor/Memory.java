package org.sluice.tensor;

import java.nio.ByteBuffer;

/** Moving numbers within a backend's memory, and between it and the host. */
public interface Memory {

    /** Sets every element. */
    void fill(Tensor tensor, double value);

    /** Copies all elements; the tensors have the same type and number of elements. */
    void copy(Tensor source, Tensor target);

    /**
     * Copies a part of one tensor over a part of another of the same type, without a view of either: for parts that move from call to
     * call.
     *
     * @param from the first element to read
     * @param to the first element to write
     * @param elements how many, at least 1
     * @throws IndexOutOfBoundsException if a part is not wholly inside its tensor
     */
    void copyPart(Tensor source, long from, Tensor target, long to, long elements);

    /** Copies all elements, converting between floating-point types. */
    void cast(Tensor source, Tensor target);

    /** {@code target += factor * source}, element by element. */
    void addScaled(Tensor source, double factor, Tensor target);

    /**
     * Copies host bytes into a tensor: as many whole elements, little-endian, as {@code source} has remaining.
     *
     * @param offset the first element to write
     * @param source a heap or direct buffer; its position moves to its limit
     * @throws IndexOutOfBoundsException if the tensor has fewer elements from {@code offset}
     */
    void write(ByteBuffer source, Tensor target, long offset);

    /**
     * Waits for all operations on a tensor and copies its elements to the host, little-endian, as many as {@code target} has room for.
     *
     * @param offset the first element to read
     * @param target a heap or direct buffer; its position moves to its limit
     */
    void read(Tensor source, long offset, ByteBuffer target);

    /** Copies host integers into an int32 tensor of the same number of elements. */
    void writeInts(int[] source, Tensor target);

    /** Copies host numbers into a floating-point tensor of the same number of elements, rounding to its type. */
    void writeDoubles(double[] source, Tensor target);

    /** Waits, and copies all elements of a floating-point tensor to the host. */
    double[] readDoubles(Tensor source);

    /** Waits, and returns the only element of a floating-point tensor. */
    double scalar(Tensor source);
}
