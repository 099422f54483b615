package org.sluice.cluster;

import org.apache.spark.Partitioner;

/** Sends a contribution to the owner of its slice. */
final class SlicePartitioner extends Partitioner {
    private static final long serialVersionUID = 1;

    private final SliceLayout layout;

    SlicePartitioner(SliceLayout layout) {
        this.layout = layout;
    }

    @Override
    public int numPartitions() {
        return layout.partitions();
    }

    @Override
    public int getPartition(Object slice) {
        return layout.partitionOf((Integer) slice);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SlicePartitioner partitioner && partitioner.layout.equals(layout);
    }

    @Override
    public int hashCode() {
        return layout.hashCode();
    }
}
