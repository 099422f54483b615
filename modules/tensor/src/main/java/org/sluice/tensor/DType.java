package org.sluice.tensor;

/** The type of a tensor's elements. */
public enum DType {
    FLOAT32(4),
    FLOAT64(8),
    INT32(4);

    private final int bytes;

    DType(int bytes) {
        this.bytes = bytes;
    }

    /** The size of one element in bytes. */
    public int bytes() {
        return bytes;
    }

    /** Whether elements are real numbers, so that arithmetic applies to them. */
    public boolean isFloatingPoint() {
        return this != INT32;
    }
}
