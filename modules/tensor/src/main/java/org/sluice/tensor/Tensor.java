package org.sluice.tensor;

/**
 * A named block of numbers in a backend's memory, dense and in row-major order.
 *
 * <p>A tensor belongs to the {@link Arena} that allocated it. A view shares the memory of the tensor that it was taken from. Using
 * either after the arena was closed is an {@link IllegalStateException} that names the tensor.
 */
public interface Tensor {

    /** What the tensor holds, for messages: {@code layers.3.attention.query}. */
    String name();

    DType dtype();

    Shape shape();

    /** The number of elements. */
    default long elements() {
        return shape().elements();
    }

    /**
     * The same elements under another shape.
     *
     * @throws IllegalArgumentException if the number of elements differs
     */
    Tensor reshape(Shape shape);

    /**
     * A contiguous part of this tensor's elements, sharing their memory.
     *
     * @param name what the part holds
     * @param offset the first element, counted in the row-major order of this tensor
     * @throws IndexOutOfBoundsException if the part is not wholly inside this tensor
     */
    Tensor slice(String name, long offset, Shape shape);
}
