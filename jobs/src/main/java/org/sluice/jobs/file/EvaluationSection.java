package org.sluice.jobs.file;

/**
 * What is measured on held-out text.
 *
 * @param blocks at most so many held-out blocks, the domains by turns; at least 1
 * @param untrained whether the model is also measured before training
 */
public record EvaluationSection(int blocks, boolean untrained) {
    /** @throws IllegalArgumentException if a value is out of its range */
    public EvaluationSection {
        if (blocks < 1) {
            throw new IllegalArgumentException("blocks is " + blocks + "; it must be at least 1");
        }
    }
}
