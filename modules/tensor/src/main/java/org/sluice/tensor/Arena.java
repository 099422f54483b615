package org.sluice.tensor;

/**
 * The one owner of a set of tensors' memory: what it allocated lives until it is closed, and is freed then, all at once.
 *
 * <p>Allocation is for setting up; no operation allocates. Closing twice does nothing.
 */
public interface Arena extends AutoCloseable {

    /** What the arena is for, for messages: {@code replica}. */
    String name();

    /**
     * Allocates a tensor filled with zeros.
     *
     * @throws IllegalStateException if the arena is closed
     * @throws OutOfDeviceMemoryException if the memory cannot be had; the message says what was asked for and what this arena holds
     */
    Tensor allocate(String name, DType dtype, Shape shape);

    /** The bytes that this arena holds for its tensors: the sum of elements times {@link DType#bytes()}. */
    long allocatedBytes();

    boolean isClosed();

    @Override
    void close();
}
