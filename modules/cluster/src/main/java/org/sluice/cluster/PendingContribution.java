package org.sluice.cluster;

import java.util.function.Supplier;
import org.apache.spark.util.KnownSizeEstimation;

/**
 * A contribution that is made when it is written into the shuffle. Spark sorts what it shuffles by partition before it writes a single file:
 * these it may hold and sort, as their values are not there yet.
 *
 * @param contribution makes it; the same however often it is asked
 */
record PendingContribution(Supplier<Contribution> contribution) implements KnownSizeEstimation {
    /** With its share of Spark's array. Spark would take the worker behind it for a part of it, and spill. */
    private static final long BYTES = 128;

    @Override
    public long estimatedSize() {
        return BYTES;
    }
}
