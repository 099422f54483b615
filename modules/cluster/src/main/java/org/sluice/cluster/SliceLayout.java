package org.sluice.cluster;

import java.io.Serializable;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How the flat parameter space is cut: into slices of equal size, the last one shorter, and the slices into contiguous partitions.
 *
 * <p>Partition {@code p} belongs to fragment {@code p mod fragments}. The flat space is in the order of the layers, so each fragment has some of all
 * depths, as many bytes as the others: the strided pattern of Streaming DiLoCo (arXiv 2501.18512).
 *
 * @param elements the size of the flat space
 * @param sliceElements the elements of a slice, but for the last
 * @param partitions the partitions of a version, at most as many as there are slices
 * @param fragments the parts that are exchanged at different times, at most as many as there are partitions
 */
record SliceLayout(long elements, int sliceElements, int partitions, int fragments) implements Serializable {
    /** What one owner holds at once, over all workers, while it averages: 128 MiB. */
    private static final long PARTITION_BYTES = 128L << 20;

    /** What one worker sends of a partition, at most: Spark copies what it receives in one piece of more than 20 MiB. */
    private static final long BLOCK_BYTES = 16L << 20;

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
        if (fragments < 1 || fragments > partitions) {
            throw new IllegalArgumentException("cluster: streaming.fragments is " + fragments + ", but "
                    + elements + " parameters in slices of " + sliceElements + " are " + slices
                    + " slices; lower streaming.fragments, or sliceElements");
        }
    }

    /** All slices are of one fragment. */
    SliceLayout(long elements, int sliceElements, int partitions) {
        this(elements, sliceElements, partitions, 1);
    }

    /** Enough partitions of each fragment to keep all workers busy, and each small enough for one owner's memory. */
    static SliceLayout of(long elements, int sliceElements, int workers, int fragments) {
        int slices = slices(elements, sliceElements);
        long block = Math.multiplyExact(elements, (long) Float.BYTES);
        long bySize = pieces(Math.multiplyExact(block, (long) workers), PARTITION_BYTES);
        long byBlock = pieces(block, BLOCK_BYTES);
        long byWorkers = (long) workers * Math.max(2, fragments);
        long partitions = Math.max(byWorkers, Math.max(bySize, byBlock));
        return new SliceLayout(elements, sliceElements, (int) Math.min(slices, partitions), fragments);
    }

    private static int slices(long elements, int sliceElements) {
        return Math.toIntExact(pieces(elements, sliceElements));
    }

    private static long pieces(long whole, long piece) {
        return (whole + piece - 1) / piece;
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

    /** The fragment that a slice belongs to. */
    int fragmentOf(int slice) {
        return partitionOf(slice) % fragments;
    }

    /** How many partitions a fragment has. */
    int partitionsOf(int fragment) {
        return (partitions - fragment + fragments - 1) / fragments;
    }

    /**
     * One of a fragment's partitions.
     *
     * @param at its place among those of the fragment
     */
    int partition(int fragment, int at) {
        return fragment + at * fragments;
    }

    /** The slices of a fragment, in ascending order. */
    IntStream slicesOf(int fragment) {
        return IntStream.range(0, partitionsOf(fragment)).flatMap(at -> slicesIn(partition(fragment, at)));
    }

    /** The slices of a partition, in ascending order. */
    IntStream slicesIn(int partition) {
        return IntStream.range(firstSlice(partition), firstSlice(partition + 1));
    }

    /** The numbers of all fragments. */
    Set<Integer> allFragments() {
        return IntStream.range(0, fragments).boxed().collect(Collectors.toUnmodifiableSet());
    }

    /** The first slice of a partition; that of the partition behind the last is the number of slices. */
    int firstSlice(int partition) {
        return (int) ((long) partition * slices() / partitions);
    }
}
