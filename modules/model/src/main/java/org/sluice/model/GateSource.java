package org.sluice.model;

/** What a gate's logits are made of. */
public enum GateSource {
    /** {@code X W^T}, with {@code X} the hidden state after the pre-attention RMSNorm: the score depends on the query. */
    HIDDEN,
    /** A parameter, the same for every token, zero before training. */
    LEARNED,
    /** The values that are gated, themselves: with a multiplicative sigmoid, SiLU. No parameters. */
    SELF
}
