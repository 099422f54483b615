package org.sluice.cluster;

import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.sluice.data.BlockReader;
import org.sluice.data.Dataset;
import org.sluice.training.TrainingBlock;

/** The training side of a prepared dataset. */
record DatasetBlocks(String name, String hash, long trainBlocks, int blockLength, int vocabulary)
        implements BlockSource {

    /** Opens the dataset on the driver, which checks that it is complete. */
    static DatasetBlocks of(Configuration hadoop, String folder) {
        Dataset dataset = Dataset.open(hadoop, folder);
        return new DatasetBlocks(
                folder, dataset.hash(), dataset.trainBlocks(), dataset.blockLength(), dataset.vocabulary());
    }

    @Override
    public Feed open(Configuration hadoop) {
        Dataset dataset = Dataset.open(hadoop, name);
        if (!dataset.hash().equals(hash)) {
            throw new IllegalStateException("the dataset " + name + " has the hash " + dataset.hash()
                    + " here, but training began with " + hash + "; do not change a dataset while it is in use");
        }
        return new Reader(dataset.trainReader());
    }

    @Override
    public void requireReadable(Configuration hadoop) {
        try (Feed feed = open(hadoop)) {
            feed.read(0, 1);
        }
    }

    private record Reader(BlockReader reader) implements Feed {
        @Override
        public List<TrainingBlock> read(long from, long to) {
            return reader.read(from, to).stream()
                    .map(block -> new TrainingBlock(block.number(), block.tokens(), block.documentStarts()))
                    .toList();
        }

        @Override
        public void close() {
            reader.close();
        }
    }
}
