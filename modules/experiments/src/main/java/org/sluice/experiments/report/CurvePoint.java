package org.sluice.experiments.report;

import java.util.Optional;
import org.sluice.training.ExpertLoad;

/**
 * One training step as the metrics tell it. A figure that is missing there, or was not a number, is NaN.
 *
 * @param step the steps done with it, so that the first is 1
 * @param loss nats a token
 * @param learningRate of this step
 * @param gradientNorm the global norm before clipping
 * @param experts how evenly the experts were used; empty without experts
 */
public record CurvePoint(
        long step, double loss, double learningRate, double gradientNorm, Optional<ExpertLoad> experts) {}
