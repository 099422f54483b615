package org.sluice.cluster;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Blocks of which one is not read before the test lets go; for workers in the test's own JVM.
 *
 * @param blocks what is read
 * @param at the number of the block
 * @param gate the name of what holds it
 */
record HeldUpBlocks(SyntheticBlocks blocks, long at, String gate) implements EventfulBlocks {
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
    public void happen() {
        try {
            if (!latch().await(MOST_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException(
                        "nobody let go of block " + at + " within " + MOST_SECONDS + " seconds");
            }
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }
}
