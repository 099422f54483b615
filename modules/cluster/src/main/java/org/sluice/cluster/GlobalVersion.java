package org.sluice.cluster;

import org.apache.spark.rdd.RDD;
import org.apache.spark.storage.StorageLevel;

/**
 * A version of the parameters, kept in the executors.
 *
 * <p>What workers read has no momentum in it, so that none travels to them; the two share the bytes of the parameters.
 *
 * @param number the version's number
 * @param state the slices with the outer optimizer's momentum, where it has one
 * @param published the slices that workers read; the same RDD where there is no momentum
 */
record GlobalVersion(long number, RDD<GlobalSlice> state, RDD<GlobalSlice> published) {

    /**
     * Keeps what an RDD computes in the executors and cuts it from what it was computed from: a version that is lost is not computed
     * again, as the workers have gone on since; reading it fails, and the driver goes back to a checkpoint.
     */
    static RDD<GlobalSlice> keep(RDD<GlobalSlice> slices) {
        slices.persist(StorageLevel.MEMORY_AND_DISK());
        return slices.localCheckpoint();
    }

    /** Publishes what a kept and computed state holds. */
    static GlobalVersion publish(long number, RDD<GlobalSlice> state, boolean momentum) {
        if (!momentum) {
            return new GlobalVersion(number, state, state);
        }
        RDD<GlobalSlice> published =
                keep(state.toJavaRDD().map(GlobalSlice::parametersOnly).rdd());
        boolean made = false;
        try {
            published.count();
            made = true;
            return new GlobalVersion(number, state, published);
        } finally {
            if (!made) {
                published.unpersist(false);
            }
        }
    }

    /** Frees the version in the executors, without waiting. */
    void discard() {
        state.unpersist(false);
        published.unpersist(false);
    }
}
