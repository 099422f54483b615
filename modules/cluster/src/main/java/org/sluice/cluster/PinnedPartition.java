package org.sluice.cluster;

import java.util.List;
import org.apache.spark.Partition;

/**
 * A task of one worker.
 *
 * @param index the partition's number
 * @param placement where it is to run
 * @param parents the partitions of the version that it reads; none if it reads none
 */
record PinnedPartition(int index, WorkerPlacement placement, List<Partition> parents) implements Partition {}
