package org.sluice.experiments.report;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.sluice.evaluation.EvaluationResult;

/**
 * What became of one variant.
 *
 * @param name as in the job file
 * @param description the model in words
 * @param parameters of the model
 * @param activeParameters the parameters that one token meets; the same but for a mixture of experts
 * @param trainTokens the tokens that it was trained on
 * @param trainSeconds the wall time of its training, that of earlier, stopped runs included
 * @param tokensPerSecond {@code trainTokens / trainSeconds}
 * @param trained the evaluation after training
 * @param untrained the evaluation of the freshly initialised model, where there is one
 * @param curve its training steps in ascending order; may be empty
 */
public record VariantReport(
        String name,
        String description,
        long parameters,
        long activeParameters,
        long trainTokens,
        double trainSeconds,
        double tokensPerSecond,
        EvaluationResult trained,
        Optional<EvaluationResult> untrained,
        List<CurvePoint> curve) {

    public VariantReport {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(description, "description");
        Objects.requireNonNull(trained, "trained");
        Objects.requireNonNull(untrained, "untrained");
        curve = List.copyOf(curve);
    }

    /** How many times the held-out perplexity fell in training; empty if the untrained model was not evaluated. */
    public Optional<Double> perplexityFall() {
        return untrained.map(before -> before.heldOutPerplexity() / trained.heldOutPerplexity());
    }
}
