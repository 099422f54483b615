package org.sluice.experiments;

import java.io.Serializable;
import java.util.Objects;

/**
 * How models are evaluated.
 *
 * @param backend what runs them, by name; {@code auto} takes the best that can run
 * @param sequences the token blocks that go through the model at once
 * @param blocks at most so many held-out blocks, spread over the domains by their size, but at least one of each
 */
public record EvaluationConfig(String backend, int sequences, long blocks) implements Serializable {

    /** @throws IllegalArgumentException if a value is out of its range; the message names it, its value and the range */
    public EvaluationConfig {
        Objects.requireNonNull(backend, "backend");
        if (sequences < 1) {
            throw new IllegalArgumentException("evaluation: sequences is " + sequences + "; it must be at least 1");
        }
        if (blocks < 1) {
            throw new IllegalArgumentException("evaluation: blocks is " + blocks + "; it must be at least 1");
        }
    }
}
