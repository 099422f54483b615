package org.sluice.cluster.control;

import java.io.Serializable;

/**
 * When a round is over, and whose work counts.
 *
 * @param deadlineSeconds from the round's start; what workers do that are not done by then is discarded, if enough others are done; otherwise
 *     they get the same time once more. 0 waits for all
 * @param quorum the share of the crew whose work must count, above 0 and at most 1
 * @param refuseAbove a change whose norm is more than so many times the median of the others' is refused; 0 refuses only what is not finite
 */
public record RoundPolicy(double deadlineSeconds, double quorum, double refuseAbove) implements Serializable {
    /** How often the same blocks may be part of a refused change before training stops. */
    public static final int REFUSALS = 3;

    /** All must finish, and only changes that are not finite are refused. */
    public static final RoundPolicy STRICT = new RoundPolicy(0, 1, 0);

    /** @throws IllegalArgumentException if a value is out of its range; the message names it, its value and the range */
    public RoundPolicy {
        if (!(deadlineSeconds >= 0) || Double.isInfinite(deadlineSeconds)) {
            throw new IllegalArgumentException("cluster: rounds.deadlineSeconds is " + deadlineSeconds
                    + "; it must be at least 0, where 0 waits for all workers");
        }
        if (!(quorum > 0 && quorum <= 1)) {
            throw new IllegalArgumentException("cluster: rounds.quorum is " + quorum
                    + "; it must be above 0 and at most 1, a share of the workers");
        }
        if (!(refuseAbove == 0 || refuseAbove > 1) || Double.isInfinite(refuseAbove)) {
            throw new IllegalArgumentException("cluster: rounds.refuseAbove is " + refuseAbove
                    + "; it must be above 1, a multiple of the other workers' median, or 0 to compare none");
        }
    }

    /** How many of a crew must count. */
    public int needed(int crew) {
        return Math.max(1, (int) Math.ceil(quorum * crew - 1e-9));
    }
}
