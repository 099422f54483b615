package org.sluice.tensor;

/**
 * The classifier and its cross-entropy in one, a chunk of rows at a time, so that the logits of the whole batch never exist at once.
 *
 * <p>With {@code z_n = hidden_n . weight^T} and {@code L_n = log sum_v exp(z_nv)}: {@code loss_n = L_n - z_n[target_n]}. A row whose
 * target is {@link #IGNORED} has the loss 0 and no gradient. The z-loss (Chowdhery et al. 2022, arXiv 2204.02311) adds
 * {@code zLossWeight * L_n^2} to what is differentiated; {@code losses} stays the plain cross-entropy.
 */
public interface Loss {
    /** The target of a position that is not trained on. */
    int IGNORED = -1;

    /**
     * @param hidden {@code [N, D]}
     * @param weight {@code [V, D]}
     * @param targets int32 {@code [N]}, each in {@code 0..V-1} or {@link #IGNORED}; others are an {@link IllegalArgumentException}
     * @param workspace {@code [C, V]}, room for the logits of {@code C} rows; its content is lost
     * @param losses {@code [N]}, overwritten
     * @param logSumExp {@code [N]}, overwritten; 0 where ignored
     */
    void classifierLoss(
            Tensor hidden, Tensor weight, Tensor targets, Tensor workspace, Tensor losses, Tensor logSumExp);

    /**
     * {@link #classifierLoss} and the gradient of {@code gradientScale * sum over n of (loss_n + zLossWeight * L_n^2)}.
     *
     * @param hiddenGradient {@code [N, D]}, overwritten
     * @param weightGradient {@code [V, D]}, accumulated
     */
    void classifierLossAndGradient(
            Tensor hidden,
            Tensor weight,
            Tensor targets,
            double zLossWeight,
            double gradientScale,
            Tensor workspace,
            Tensor losses,
            Tensor logSumExp,
            Tensor hiddenGradient,
            Tensor weightGradient);
}
