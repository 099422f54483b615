package org.sluice.model;

/** A gate's weight before training. */
public enum GateInitialisation {
    /** Like every other matrix. */
    RANDOM,
    /** Zero: every logit is 0 at first. */
    ZERO
}
