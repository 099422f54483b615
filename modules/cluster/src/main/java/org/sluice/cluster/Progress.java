package org.sluice.cluster;

/**
 * How far a variant has come.
 *
 * @param round the rounds done, which is the version of the parameters
 * @param step the steps done
 * @param tokens the positions that went through all workers
 * @param trainSeconds the time that the rounds took, over all sessions, without checkpoints
 */
public record Progress(long round, long step, long tokens, double trainSeconds) {
    static final Progress START = new Progress(0, 0, 0, 0);

    Progress after(long localSteps, long roundTokens, double seconds) {
        return new Progress(round + 1, step + localSteps, tokens + roundTokens, trainSeconds + seconds);
    }
}
