package org.sluice.training;

import java.util.List;

/** A loss that is not finite, for tests in which no real one can be had at a chosen block. */
public final class Divergence {
    private Divergence() {}

    /** What a replica throws for a loss of NaN. */
    public static NumericsException at(long block) {
        return new NumericsException("the loss is NaN", 0, List.of(block), "nothing", Double.NaN);
    }
}
