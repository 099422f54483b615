package org.sluice.cluster;

import java.io.Serializable;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.sluice.training.TrainingBlock;

/** The training blocks of a dataset, as the driver knows them and as workers read them. */
interface BlockSource extends Serializable {

    /** For messages and checkpoints: the dataset's folder. */
    String name();

    /** What tells this dataset from any other. */
    String hash();

    long trainBlocks();

    /** The positions of a block. */
    int blockLength();

    /** The token identifiers are below this. */
    int vocabulary();

    /** Opens the blocks where they are read. */
    Feed open(Configuration hadoop);

    /** Makes sure, where it is called, that blocks can be read; throws what reading them would. */
    default void requireReadable(Configuration hadoop) {
        open(hadoop).close();
    }

    /** Reads training blocks; cheap for ranges that follow one another. */
    interface Feed extends AutoCloseable {
        /** Reads the blocks from the first to before the last. */
        List<TrainingBlock> read(long from, long to);

        @Override
        void close();
    }
}
