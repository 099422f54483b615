package org.sluice.tensor;

/** How a gate's score meets the value that it gates. */
public enum GateCombine {
    /** {@code value * score}. */
    MULTIPLICATIVE,
    /** {@code value + score}. */
    ADDITIVE
}
