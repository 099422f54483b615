package org.sluice.cluster;

import org.apache.hadoop.conf.Configuration;

/** A dataset that the driver can read and executors cannot. */
record UnreadableBlocks(SyntheticBlocks blocks) implements BlockSource {
    @Override
    public String name() {
        return blocks.name();
    }

    @Override
    public String hash() {
        return blocks.hash();
    }

    @Override
    public long trainBlocks() {
        return blocks.trainBlocks();
    }

    @Override
    public int blockLength() {
        return blocks.blockLength();
    }

    @Override
    public int vocabulary() {
        return blocks.vocabulary();
    }

    @Override
    public Feed open(Configuration hadoop) {
        throw new IllegalStateException("no such shard");
    }
}
