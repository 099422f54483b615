package org.sluice.cluster;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.sluice.training.TrainingBlock;

/**
 * Blocks of which one is not read before the test lets go; for workers in the test's own JVM.
 *
 * @param blocks what is read
 * @param held the number of the block
 * @param gate the name of what holds it
 */
record HeldUpBlocks(SyntheticBlocks blocks, long held, String gate) implements BlockSource {
    private static final int MOST_SECONDS = 60;
    private static final Map<String, CountDownLatch> GATES = new ConcurrentHashMap<>();

    /** Lets the block be read, now and whenever it is asked for later. */
    void letGo() {
        latch().countDown();
    }

    private CountDownLatch latch() {
        return GATES.computeIfAbsent(gate, name -> new CountDownLatch(1));
    }

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
        Feed feed = blocks.open(hadoop);
        return new Feed() {
            @Override
            public List<TrainingBlock> read(long from, long to) {
                if (from <= held && held < to) {
                    await();
                }
                return feed.read(from, to);
            }

            @Override
            public void close() {
                feed.close();
            }
        };
    }

    private void await() {
        try {
            if (!latch().await(MOST_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException(
                        "nobody let go of block " + held + " within " + MOST_SECONDS + " seconds");
            }
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }
}
