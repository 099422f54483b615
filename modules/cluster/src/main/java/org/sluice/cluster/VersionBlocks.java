package org.sluice.cluster;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkEnv;
import org.apache.spark.rdd.RDD;
import org.apache.spark.storage.BlockResult;
import org.apache.spark.storage.RDDBlockId;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Where the slices of a version lie: blocks in the memory, or on the disks, of the executors. Unlike the version's RDD it can be read outside a task.
 *
 * @param rdd the number of the RDD that the version is kept as
 * @param partitions of that RDD
 */
record VersionBlocks(int rdd, int partitions) implements Serializable {

    static VersionBlocks of(RDD<GlobalSlice> state) {
        return new VersionBlocks(state.id(), state.getNumPartitions());
    }

    /**
     * The slices of a partition, from this executor or another one. All are read before this returns: a block that is read halfway could never be
     * freed.
     *
     * @throws IOException if no executor has it any more
     */
    List<GlobalSlice> read(int partition) throws IOException {
        Option<BlockResult> found = SparkEnv.get()
                .blockManager()
                .get(new RDDBlockId(rdd, partition), ScalaInterop.<GlobalSlice>classTag(GlobalSlice.class));
        if (found.isEmpty()) {
            throw new IOException("partition " + partition + " of the version's " + partitions
                    + " is in no executor any more; was one lost?");
        }
        List<GlobalSlice> slices = new ArrayList<>();
        CollectionConverters.asJava(found.get().data()).forEachRemaining(slice -> slices.add((GlobalSlice) slice));
        return slices;
    }
}
