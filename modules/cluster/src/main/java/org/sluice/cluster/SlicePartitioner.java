package org.sluice.cluster;

import org.apache.spark.Partitioner;

/** Sends a contribution to the owner of its slice. */
final class SlicePartitioner extends Partitioner {
    private static final long serialVersionUID = 1;

    private final SliceLayout layout;
    private final int fragment;

    /** @param fragment that all slices are of */
    SlicePartitioner(SliceLayout layout, int fragment) {
        this.layout = layout;
        this.fragment = fragment;
    }

    @Override
    public int numPartitions() {
        return layout.partitionsOf(fragment);
    }

    @Override
    public int getPartition(Object slice) {
        return layout.partitionOf((Integer) slice) / layout.fragments();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SlicePartitioner partitioner
                && partitioner.layout.equals(layout)
                && partitioner.fragment == fragment;
    }

    @Override
    public int hashCode() {
        return 31 * layout.hashCode() + fragment;
    }
}
