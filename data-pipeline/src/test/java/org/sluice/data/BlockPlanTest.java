package org.sluice.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class BlockPlanTest {
    private static final int LENGTH = 8;

    @Test
    void spreadsALargeDomainOverStreamsAndKeepsASmallOneTogether() {
        long oneStream = StreamPlan.BLOCKS_OF_A_STREAM * LENGTH;
        StreamPlan plan =
                new StreamPlan(new long[] {5 * oneStream, 10, 0}, new long[] {3, 2 * oneStream, 0}, LENGTH, 1);
        assertThat(plan.trainStreams()).isEqualTo(6);
        assertThat(plan.streams()).isEqualTo(9);
        Random random = new Random(4);
        int[] documents = new int[plan.streams()];
        for (int i = 0; i < 5000; i++) {
            byte[] hash = new byte[16];
            random.nextBytes(hash);
            documents[plan.stream(false, 0, hash)]++;
            assertThat(plan.stream(false, 1, hash)).isEqualTo(5);
            assertThat(plan.stream(true, 0, hash)).isEqualTo(6);
            assertThat(plan.stream(true, 1, hash)).isBetween(7, 8);
        }
        for (int stream = 0; stream < 5; stream++) {
            assertThat(documents[stream]).isBetween(800, 1200);
            assertThat(plan.domain(stream)).isZero();
            assertThat(plan.heldOut(stream)).isFalse();
        }
        assertThat(plan.domain(8)).isEqualTo(1);
        assertThat(plan.heldOut(8)).isTrue();
    }

    @Test
    void numbersEveryBlockOnceInShardsOfAboutTheAskedSize() {
        StreamPlan streams = new StreamPlan(new long[] {100_000, 50}, new long[] {5000, 900}, LENGTH, 1);
        long[] tokens = new long[streams.streams()];
        for (int stream = 0; stream < tokens.length; stream++) {
            tokens[stream] = streams.heldOut(stream) ? 2950 : 100_000 / streams.trainStreams();
        }
        BlockPlan plan = new BlockPlan(streams, tokens, LENGTH, 100, 7);
        int[] blocks = new int[plan.shards()];
        for (int stream = 0; stream < tokens.length; stream++) {
            for (long index = 0; index < plan.blocksOfStream(stream); index++) {
                blocks[plan.shard(stream, index)]++;
            }
        }
        long next = 0;
        for (int shard = 0; shard < blocks.length; shard++) {
            if (plan.heldOutShard(shard) && plan.numberOnSide(shard) == 0) {
                next = 0;
            }
            assertThat(plan.blocks(shard)).isEqualTo(blocks[shard]);
            assertThat(plan.firstBlock(shard)).isEqualTo(next);
            assertThat(blocks[shard])
                    .isBetween(plan.heldOutShard(shard) ? 1 : 50, plan.heldOutShard(shard) ? 100 : 150);
            next += blocks[shard];
        }
    }
}
