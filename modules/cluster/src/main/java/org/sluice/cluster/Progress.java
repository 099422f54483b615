package org.sluice.cluster;

import org.sluice.cluster.control.Milestone;

/**
 * How far a variant has come.
 *
 * @param round the rounds done, which is the version of the parameters
 * @param step the steps done
 * @param tokens the positions that went through all workers
 * @param trainSeconds the time that the rounds took, over all sessions, without checkpoints
 */
public record Progress(long round, long step, long tokens, double trainSeconds) {
    /** What a milestone comes to. */
    static Progress of(Milestone milestone, int blocksPerStep, int blockLength) {
        return new Progress(
                milestone.round(),
                milestone.step(blocksPerStep),
                milestone.ledger().counted() * blockLength,
                milestone.seconds());
    }
}
