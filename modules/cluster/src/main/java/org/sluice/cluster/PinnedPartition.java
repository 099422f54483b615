package org.sluice.cluster;

import java.util.List;
import org.apache.spark.Partition;

/**
 * A task of one worker.
 *
 * @param index the partition's number
 * @param placement where it is to run
 * @param parameters the partitions of the version's parameters
 * @param updates those of what changed since the version before; none where the parameters travel
 */
record PinnedPartition(int index, WorkerPlacement placement, List<Partition> parameters, List<Partition> updates)
        implements Partition {}
