package org.sluice.tensor;

/**
 * What turns a gate's logit {@code z} into its score. With {@code s = sigmoid(z)} all are of one form,
 *
 * <pre>
 * score = constant + (scale + product z) s + linear z
 * slope = product s + (scale + product z) s (1 - s) + linear
 * </pre>
 *
 * so that a kernel needs the four numbers and no case distinction.
 */
public enum GateActivation {
    /** {@code sigmoid(z)}, in (0, 1). */
    SIGMOID(0, 1, 0, 0),
    /** {@code z sigmoid(z)}. */
    SILU(0, 0, 1, 0),
    /** {@code z}. */
    IDENTITY(0, 0, 0, 1),
    /** {@code 0.5 + 0.5 sigmoid(z)}, in (0.5, 1): a gate that cannot be sparse (arXiv 2505.06708, NS-sigmoid). */
    NS_SIGMOID(0.5, 0.5, 0, 0),
    /** {@code 2 sigmoid(z)}, in (0, 2): exactly 1 for a logit of 0, so that a gate of zero weights passes all through. */
    DOUBLE_SIGMOID(0, 2, 0, 0);

    private final double constant;
    private final double scale;
    private final double product;
    private final double linear;

    GateActivation(double constant, double scale, double product, double linear) {
        this.constant = constant;
        this.scale = scale;
        this.product = product;
        this.linear = linear;
    }

    public double constant() {
        return constant;
    }

    public double scale() {
        return scale;
    }

    public double product() {
        return product;
    }

    public double linear() {
        return linear;
    }

    /** The score of a logit. */
    public double score(double logit) {
        return constant + (scale + product * logit) / (1 + Math.exp(-logit)) + linear * logit;
    }
}
