package org.sluice.experiments.report;

/**
 * One training step as the metrics tell it. A figure that is missing there, or was not a number, is NaN.
 *
 * @param step the steps done with it, so that the first is 1
 * @param loss nats a token
 * @param learningRate of this step
 * @param gradientNorm the global norm before clipping
 */
public record CurvePoint(long step, double loss, double learningRate, double gradientNorm) {}
