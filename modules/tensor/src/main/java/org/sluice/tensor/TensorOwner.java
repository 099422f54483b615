package org.sluice.tensor;

/** What {@link OperationChecks} must know of tensors that only their backend can tell. */
public interface TensorOwner {

    /**
     * Refuses tensors that the backend cannot work on.
     *
     * @throws IllegalArgumentException if the tensor belongs to another backend; the message names operation, argument and both
     * @throws IllegalStateException if its arena is closed; the message names the tensor and the arena
     */
    void require(String operation, String argument, Tensor tensor);

    /** Where the tensor's first element lies, in bytes, in the one address space of this backend. */
    long address(Tensor tensor);
}
