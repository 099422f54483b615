package org.sluice.tensor;

/**
 * The formula of a gate (arXiv 2505.06708, section 2.2).
 *
 * @param activation from logits to scores
 * @param combine from values and scores to gated values
 * @param headShared whether the heads share their scores: the mean over heads of the elementwise scores gates each of them
 */
public record GateFunction(GateActivation activation, GateCombine combine, boolean headShared) {
    /** The paper's default: {@code value * sigmoid(logit)}, each head with scores of its own. */
    public static final GateFunction SIGMOID =
            new GateFunction(GateActivation.SIGMOID, GateCombine.MULTIPLICATIVE, false);
}
