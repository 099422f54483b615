package org.sluice.model;

import java.util.Optional;

/**
 * What a pass adds to the gradients for the routers of a mixture-of-experts model. Each layer adds
 * {@code loadBalanceWeight * X sum over x of f_x P_x + zLossWeight * mean of squared log-sum-exp}, the means over {@code rows}.
 *
 * <p>The shares {@code f_x} are constants in the gradient, and are to be those of the whole global batch (Qiu et al. 2025, arXiv
 * 2501.11873), which may be many passes: then their counts must be known before the first pass.
 *
 * @param loadBalanceWeight of the load-balance loss
 * @param zLossWeight of the router z-loss
 * @param rows the routed rows that means are taken over: those of all passes whose gradients are added up
 * @param counts the rows of each expert in the global batch; empty if this pass is the whole of it
 */
public record RouterObjective(double loadBalanceWeight, double zLossWeight, long rows, Optional<ExpertCounts> counts) {
    /** For dense models. */
    public static final RouterObjective NONE = new RouterObjective(0, 0, 1, Optional.empty());
}
