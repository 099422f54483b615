package org.sluice.cluster;

import java.io.Serializable;

/**
 * How the exchange is spread over time, after Streaming DiLoCo (arXiv 2501.18512).
 *
 * @param fragments the parts that the parameters are cut into, one of which is exchanged after each round, in turn; with 1 all parameters
 *     are exchanged after each round
 * @param overlap whether the exchange after a round goes on while the workers train in the next one. What comes of it is then taken a round
 *     later: a worker's parameters move by the difference between the new version and what they were when they were sent
 */
public record Streaming(int fragments, boolean overlap) implements Serializable {
    /** All parameters are exchanged after each round, while training stands still. */
    public static final Streaming NONE = new Streaming(1, false);

    /** @throws IllegalArgumentException if there is no fragment */
    public Streaming {
        if (fragments < 1) {
            throw new IllegalArgumentException(
                    "cluster: streaming.fragments is " + fragments + "; it must be at least 1");
        }
    }

    /** Whether anything of a round is exchanged at another time than right after it. */
    boolean isOn() {
        return fragments > 1 || overlap;
    }
}
