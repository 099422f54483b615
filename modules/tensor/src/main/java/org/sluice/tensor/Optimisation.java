package org.sluice.tensor;

/** Updates of parameters from gradients. All tensors of one call have the same number of elements. */
public interface Optimisation {

    /**
     * One step of AdamW (Loshchilov and Hutter 2019, arXiv 1711.05101), in place. With {@code g = gradientScale * gradient}:
     * {@code m = beta1 m + (1 - beta1) g}, {@code v = beta2 v + (1 - beta2) g^2}, {@code p = p - learningRate * weightDecay * p -
     * learningRate * (m / (1 - beta1^step)) / (sqrt(v / (1 - beta2^step)) + epsilon)}.
     */
    void adamW(Tensor parameters, Tensor gradients, Tensor firstMoment, Tensor secondMoment, AdamWStep step);

    /** Plain gradient descent, in place: {@code p = p - rate * gradient}. */
    void gradientDescent(Tensor parameters, Tensor gradients, double rate);

    /**
     * The scalars of one AdamW step.
     *
     * @param step the number of this step, from 1, for the bias correction
     * @param gradientScale what every gradient is multiplied by first: the clipping factor
     */
    record AdamWStep(
            double learningRate,
            double beta1,
            double beta2,
            double epsilon,
            double weightDecay,
            long step,
            double gradientScale) {}
}
