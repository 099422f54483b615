package org.sluice.cluster;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.rdd.RDD;
import org.apache.spark.storage.StorageLevel;

/**
 * A version of a fragment of the parameters, kept in the executors.
 *
 * <p>What workers read has no momentum or residual in it, so that none travels to them. What is the same in two of the RDDs is the same bytes
 * in memory.
 *
 * @param number the version's number, which is that of the round that made it
 * @param before the number of the fragment's version before; the same where no round made it
 * @param state the slices with all that the owner keeps beside them
 * @param parameters the slices that workers read; the same RDD where owners keep nothing else
 * @param updates what changed since the version before, for the workers that have that; null where the parameters travel
 */
record FragmentVersion(
        long number, long before, RDD<GlobalSlice> state, RDD<GlobalSlice> parameters, RDD<GlobalSlice> updates) {

    /**
     * Keeps what an RDD computes in the executors and cuts it from what it was computed from: a version that is lost is not computed
     * again, as the workers have gone on since; reading it fails, and the driver goes back to a checkpoint.
     *
     * @param copies the executors that hold each slice
     */
    static RDD<GlobalSlice> keep(RDD<GlobalSlice> slices, int copies) {
        slices.persist(copies > 1 ? StorageLevel.MEMORY_AND_DISK_2() : StorageLevel.MEMORY_AND_DISK());
        return slices.localCheckpoint();
    }

    /** Publishes what a kept and computed state holds, for workers that have no version yet. */
    static FragmentVersion first(long number, RDD<GlobalSlice> state, ExchangeRules rules, int copies) {
        return publish(number, number, state, rules.ownersKeepMore(), false, copies);
    }

    /** Publishes what a round made of this one. */
    FragmentVersion next(long nextNumber, RDD<GlobalSlice> nextState, ExchangeRules rules, int copies) {
        return publish(
                nextNumber,
                number,
                nextState,
                rules.ownersKeepMore(),
                rules.format().keepsResiduals(),
                copies);
    }

    private static FragmentVersion publish(
            long number, long before, RDD<GlobalSlice> state, boolean keepsMore, boolean updated, int copies) {
        if (!keepsMore) {
            return new FragmentVersion(number, before, state, state, null);
        }
        RDD<GlobalSlice> parameters = keep(new PublishedRdd(state, GlobalSlice::parametersOnly), copies);
        RDD<GlobalSlice> updates = updated ? keep(new PublishedRdd(state, GlobalSlice::updateOnly), copies) : null;
        FragmentVersion version = new FragmentVersion(number, before, state, parameters, updates);
        boolean made = false;
        try {
            // One job computes both.
            PartitionJob.compute(
                    updated
                            ? parameters.zip(updates, ScalaInterop.<GlobalSlice>classTag(GlobalSlice.class))
                            : parameters);
            made = true;
            return version;
        } finally {
            if (!made) {
                version.derived().forEach(rdd -> rdd.unpersist(false));
            }
        }
    }

    private List<RDD<GlobalSlice>> derived() {
        List<RDD<GlobalSlice>> derived = new ArrayList<>(List.of(parameters));
        if (updates != null) {
            derived.add(updates);
        }
        return derived;
    }

    /** Frees the version in the executors, without waiting. */
    void discard() {
        state.unpersist(false);
        derived().forEach(rdd -> rdd.unpersist(false));
    }
}
