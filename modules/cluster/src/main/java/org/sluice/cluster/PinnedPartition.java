package org.sluice.cluster;

import org.apache.spark.Partition;

/**
 * A task of one worker.
 *
 * @param index the partition's number
 * @param placement where it is to run
 */
record PinnedPartition(int index, WorkerPlacement placement) implements Partition {}
