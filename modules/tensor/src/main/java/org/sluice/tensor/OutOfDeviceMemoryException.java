package org.sluice.tensor;

/** The memory of a backend, outside the Java heap, did not suffice for a tensor. */
public final class OutOfDeviceMemoryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public OutOfDeviceMemoryException(String message, Throwable cause) {
        super(message, cause);
    }
}
