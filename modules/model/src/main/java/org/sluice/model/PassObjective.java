package org.sluice.model;

/**
 * What a pass adds to the gradients: those of {@code gradientScale * sum over targets of (loss + zLossWeight * L^2)}, with {@code L} the
 * log-sum-exp of a position's logits, and those of the routers' own losses, which {@code gradientScale} does not scale.
 *
 * @param gradientScale usually 1 over the targets of all passes whose gradients are added up
 * @param zLossWeight of the classifier's z-loss
 * @param router for the routers of a mixture-of-experts model
 */
public record PassObjective(double gradientScale, double zLossWeight, RouterObjective router) {

    /** Of a dense model. */
    public static PassObjective dense(double gradientScale, double zLossWeight) {
        return new PassObjective(gradientScale, zLossWeight, RouterObjective.NONE);
    }
}
