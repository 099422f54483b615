package org.sluice.cluster;

import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.sluice.training.TrainingBlock;

/** Synthetic blocks, of which one is not read without something happening before. */
interface EventfulBlocks extends BlockSource {

    /** What is read. */
    SyntheticBlocks blocks();

    /** The number of that block. */
    long at();

    /** Happens before each reading of it. */
    void happen();

    @Override
    default String name() {
        return blocks().name();
    }

    @Override
    default String hash() {
        return blocks().hash();
    }

    @Override
    default long trainBlocks() {
        return blocks().trainBlocks();
    }

    @Override
    default int blockLength() {
        return blocks().blockLength();
    }

    @Override
    default int vocabulary() {
        return blocks().vocabulary();
    }

    @Override
    default Feed open(Configuration hadoop) {
        return new Feed() {
            @Override
            public List<TrainingBlock> read(long from, long to) {
                if (from <= at() && at() < to) {
                    happen();
                }
                return blocks().range(from, to);
            }

            @Override
            public void close() {}
        };
    }
}
