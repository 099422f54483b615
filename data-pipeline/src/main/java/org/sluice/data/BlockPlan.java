package org.sluice.data;

import java.io.Serializable;

/**
 * Which blocks there are, and where each is written: training blocks by the order of a seeded random key, held-out blocks stream after
 * stream. Computed from the number of tokens of each stream, before any block exists.
 */
final class BlockPlan implements Serializable {
    private static final long serialVersionUID = 1L;

    private final StreamPlan streams;
    private final long seed;
    private final int blocksPerShard;
    private final long[] blocksOfStream;
    private final long[] firstHeldOutBlock;
    private final int trainShards;
    private final long[] firstBlockOfShard;
    private final int[] blocksOfShard;

    /** @param tokensOfStream tokens with one end-of-text token a document, by stream */
    BlockPlan(StreamPlan streams, long[] tokensOfStream, int blockLength, int blocksPerShard, long seed) {
        this.streams = streams;
        this.seed = seed;
        this.blocksPerShard = blocksPerShard;
        this.blocksOfStream = new long[streams.streams()];
        this.firstHeldOutBlock = new long[streams.streams()];
        long train = 0;
        long heldOut = 0;
        for (int stream = 0; stream < blocksOfStream.length; stream++) {
            blocksOfStream[stream] = blocks(tokensOfStream[stream], blockLength);
            if (streams.heldOut(stream)) {
                firstHeldOutBlock[stream] = heldOut;
                heldOut += blocksOfStream[stream];
            } else {
                train += blocksOfStream[stream];
            }
        }
        this.trainShards = shards(train);
        this.blocksOfShard = new int[trainShards + shards(heldOut)];
        this.firstBlockOfShard = new long[blocksOfShard.length];
        countTrainShards();
        for (int shard = trainShards; shard < blocksOfShard.length; shard++) {
            firstBlockOfShard[shard] = (long) (shard - trainShards) * blocksPerShard;
            blocksOfShard[shard] = (int) Math.min(blocksPerShard, heldOut - firstBlockOfShard[shard]);
        }
    }

    /** Blocks that predict each of a stream's tokens but the first once. */
    static long blocks(long tokens, int blockLength) {
        return tokens == 0 ? 0 : Math.max(1, (tokens - 2 + blockLength) / blockLength);
    }

    private int shards(long blocks) {
        return Math.toIntExact((blocks + blocksPerShard - 1) / blocksPerShard);
    }

    private void countTrainShards() {
        for (int stream = 0; stream < streams.trainStreams(); stream++) {
            for (long index = 0; index < blocksOfStream[stream]; index++) {
                blocksOfShard[shard(stream, index)]++;
            }
        }
        long first = 0;
        for (int shard = 0; shard < trainShards; shard++) {
            firstBlockOfShard[shard] = first;
            first += blocksOfShard[shard];
        }
    }

    StreamPlan streams() {
        return streams;
    }

    int shards() {
        return blocksOfShard.length;
    }

    boolean heldOutShard(int shard) {
        return shard >= trainShards;
    }

    /** The shard's number on its side. */
    int numberOnSide(int shard) {
        return heldOutShard(shard) ? shard - trainShards : shard;
    }

    long firstBlock(int shard) {
        return firstBlockOfShard[shard];
    }

    /** How many blocks a shard has; some shards of a small plan have none. */
    int blocks(int shard) {
        return blocksOfShard[shard];
    }

    long blocksOfStream(int stream) {
        return blocksOfStream[stream];
    }

    int shard(int stream, long index) {
        long key = order(stream, index);
        return streams.heldOut(stream)
                ? trainShards + (int) (key / blocksPerShard)
                : (int) Math.multiplyHigh(key, 2L * trainShards);
    }

    /** What a block is sorted by within its shard: 63 random bits, or the held-out block's number. */
    long order(int stream, long index) {
        return streams.heldOut(stream)
                ? firstHeldOutBlock[stream] + index
                : Digests.mix(Digests.mix(Digests.mix(seed) ^ stream) ^ index) >>> 1;
    }
}
