package org.sluice.cluster.control;

/**
 * How far a training has come.
 *
 * @param round the rounds done, which is the version of the parameters
 * @param ledger the blocks that are counted
 * @param seconds the time of the rounds that count
 */
public record Milestone(long round, BlockLedger ledger, double seconds) {
    public static final Milestone START = new Milestone(0, BlockLedger.START, 0);

    /** The steps that the counted blocks come to; the number of the next step, from 0. */
    public long step(int blocksPerStep) {
        return ledger.counted() / blocksPerStep;
    }
}
