package org.sluice.cluster;

import java.io.Serializable;

/**
 * How the flat parameter space is cut: into slices of equal size, the last one shorter, and the slices into contiguous partitions.
 *
 * @param elements the size of the flat space
 * @param sliceElements the elements of a slice, but for the last
 * @param partitions the partitions of a version, at most as many as there are slices
 */
record SliceLayout(long elements, int sliceElements, int partitions) implements Serializable {
    /** What one owner holds at once, over all workers, while it averages: 128 MiB. */
    private static final long PARTITION_BYTES = 128L << 20;

    SliceLayout {
        if (elements < 1 || sliceElements < 1 || partitions < 1) {
            throw new IllegalArgumentException("slices of " + sliceElements + " elements in " + partitions
                    + " partitions cannot hold " + elements + " parameters; all three must be at least 1");
        }
        if (elements > (long) sliceElements * Integer.MAX_VALUE) {
            throw new IllegalArgumentException(elements + " parameters in slices of " + sliceElements
                    + " are too many slices; make slices larger");
        }
        int slices = slices(elements, sliceElements);
        if (partitions > slices) {
            throw new IllegalArgumentException(partitions + " partitions are more than the " + slices + " slices");
        }
    }

    /** Enough partitions to keep all workers busy, and each small enough for one owner's memory. */
    static SliceLayout of(long elements, int sliceElements, int workers) {
        int slices = slices(elements, sliceElements);
        long bytes = Math.multiplyExact(elements, (long) Float.BYTES * workers);
        long bySize = (bytes + PARTITION_BYTES - 1) / PARTITION_BYTES;
        return new SliceLayout(elements, sliceElements, (int) Math.min(slices, Math.max(2L * workers, bySize)));
    }

    private static int slices(long elements, int sliceElements) {
        return Math.toIntExact((elements + sliceElements - 1) / sliceElements);
    }

    int slices() {
        return slices(elements, sliceElements);
    }

    /** The first element of a slice. */
    long offset(int slice) {
        return (long) slice * sliceElements;
    }

    /** The elements of a slice. */
    int length(int slice) {
        return (int) Math.min(sliceElements, elements - offset(slice));
    }

    /** The partition that a slice belongs to. */
    int partitionOf(int slice) {
        return (int) (((long) slice * partitions + partitions - 1) / slices());
    }

    /** The first slice of a partition; that of the partition behind the last is the number of slices. */
    int firstSlice(int partition) {
        return (int) ((long) partition * slices() / partitions);
    }
}
