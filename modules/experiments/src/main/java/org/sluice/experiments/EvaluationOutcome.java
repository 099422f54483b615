package org.sluice.experiments;

import java.util.List;
import org.sluice.evaluation.EvaluationResult;

/**
 * What an evaluation found and how it went.
 *
 * @param result the figures
 * @param backends the different backends that ran it, in words
 * @param seconds the wall time
 */
public record EvaluationOutcome(EvaluationResult result, List<String> backends, double seconds) {
    public EvaluationOutcome {
        backends = List.copyOf(backends);
    }
}
