package org.sluice.jobs.file;

import org.sluice.experiments.EvaluationConfig;

/**
 * What is measured on held-out text.
 *
 * @param blocks at most so many held-out blocks, spread over the domains by their size
 * @param sequences the blocks that go through the model at once
 * @param untrained whether the model is also measured before training
 */
public record EvaluationSection(long blocks, int sequences, boolean untrained) {
    /** @throws IllegalArgumentException if a value is out of its range */
    public EvaluationSection {
        new EvaluationConfig("", sequences, blocks);
    }

    /** @param backend the name of the backend that is used */
    public EvaluationConfig toConfig(String backend) {
        return new EvaluationConfig(backend, sequences, blocks);
    }
}
