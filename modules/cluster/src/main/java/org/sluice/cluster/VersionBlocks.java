package org.sluice.cluster;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkEnv;
import org.apache.spark.storage.BlockResult;
import org.apache.spark.storage.RDDBlockId;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Where the slices of a version lie: blocks in the memory, or on the disks, of the executors. Unlike the version's RDD it can be read outside a task.
 *
 * @param rdds the numbers of the RDDs that the version's fragments are kept as
 */
record VersionBlocks(List<Integer> rdds) implements Serializable {

    static VersionBlocks of(GlobalVersion version) {
        return new VersionBlocks(version.fragments().stream()
                .map(fragment -> fragment.state().id())
                .toList());
    }

    /**
     * The slices of a partition of the {@link SliceLayout}, from this executor or another one. All are read before this returns: a block that is read halfway could never be
     * freed.
     *
     * @throws IOException if no executor has it any more
     */
    List<GlobalSlice> read(int partition) throws IOException {
        Option<BlockResult> found = SparkEnv.get()
                .blockManager()
                .get(
                        new RDDBlockId(rdds.get(partition % rdds.size()), partition / rdds.size()),
                        ScalaInterop.<GlobalSlice>classTag(GlobalSlice.class));
        if (found.isEmpty()) {
            throw new IOException(
                    "partition " + partition + " of the version is in no executor any more; was one lost?");
        }
        List<GlobalSlice> slices = new ArrayList<>();
        CollectionConverters.asJava(found.get().data()).forEachRemaining(slice -> slices.add((GlobalSlice) slice));
        return slices;
    }
}
