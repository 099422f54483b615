package org.sluice.data;

import java.io.Closeable;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Reads the blocks of one side of a dataset by number. The shard read last stays in memory, so that going through blocks in order reads
 * each file once; a shard's checksum is compared when the shard is read. For one thread; needs no Spark session.
 */
public final class BlockReader implements Closeable {
    private final FileSystem fileSystem;
    private final Path folder;
    private final DatasetManifest manifest;
    private final DatasetManifest.Side side;
    private DecodedShard current;

    BlockReader(FileSystem fileSystem, Path folder, DatasetManifest manifest, DatasetManifest.Side side) {
        this.fileSystem = fileSystem;
        this.folder = folder;
        this.manifest = manifest;
        this.side = side;
    }

    /** How many blocks there are; they are numbered from 0. */
    public long blocks() {
        return side.blocks();
    }

    /**
     * Reads consecutive blocks.
     *
     * @param from the first block's number
     * @param to one more than the last block's number
     * @throws IllegalArgumentException if there are no such blocks
     * @throws DatasetException if a shard is missing or damaged
     */
    public List<TokenBlock> read(long from, long to) {
        if (from < 0 || to < from || to > blocks()) {
            throw new IllegalArgumentException("blocks " + from + " to " + to + " (exclusive) cannot be read;"
                    + " the dataset " + folder + " has the blocks 0 to " + blocks() + " (exclusive) on this side");
        }
        List<TokenBlock> blocks = new ArrayList<>(Math.toIntExact(to - from));
        for (long number = from; number < to; number++) {
            if (current == null || !current.holds(number)) {
                // Let go of the last shard before the next is read.
                current = null;
                current = DecodedShard.read(
                        fileSystem, folder, shardOf(number), manifest.tokenType(), manifest.blockLength());
            }
            blocks.add(current.block(number));
        }
        return blocks;
    }

    private DatasetManifest.Shard shardOf(long number) {
        List<DatasetManifest.Shard> shards = side.shards();
        int low = 0;
        int high = shards.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (shards.get(middle).firstBlock() <= number) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return shards.get(low);
    }

    /** Lets go of the shard in memory. */
    @Override
    public void close() {
        current = null;
    }
}
