package org.sluice.tensor;

/**
 * A mixture of experts without dropped tokens (Shazeer et al. 2017, arXiv 1701.06538; Gale et al. 2022, arXiv 2211.15841): a router
 * chooses {@code k} of {@code X} experts for each row; rows are put in the order of their experts, so that each expert multiplies one
 * contiguous block; the experts' outputs go back to their rows, weighted.
 *
 * <p>The permuted order has {@code M = N k} rows: first those of expert 0 in the order of {@code n}, then those of expert 1, and so on.
 * Rows that are not routed (padding) have no place in it, so its last rows may be unused: their content is undefined, and no operation
 * here reads them into anything else.
 */
public interface Mixture {

    /**
     * The router: {@code p_n = softmax(logits_n)}; the {@code k} experts with the largest {@code p_n} are chosen, of equal ones the one
     * with the lower number; their weights are their {@code p}, divided by the sum of the {@code k} if {@code normalised}.
     *
     * <p>The choice compares logits, whose order is that of {@code p} before rounding: so all backends choose the same experts for the
     * same logits. In a row with NaN, for which no order is right, it still is {@code k} different experts.
     *
     * @param logits {@code [N, X]}
     * @param routed int32 {@code [N]}: 0 for a row that no expert shall see, 1 for all others
     * @param normalised whether the weights of a row add up to 1
     * @param probabilities {@code [N, X]}; may be {@code logits} itself. 0 for a row that is not routed
     * @param logSumExp {@code [N]}: {@code log sum exp(logits_n)}; 0 for a row that is not routed
     * @param experts int32 {@code [N, k]}: the chosen experts, the largest probability first; -1 in a row that is not routed
     * @param weights {@code [N, k]}; 0 in a row that is not routed
     * @param places int32 {@code [N, k]}: the row of each choice in the permuted order; -1 in a row that is not routed
     * @param offsets int32 {@code [X + 1]}: expert {@code x} has the permuted rows {@code offsets[x] .. offsets[x + 1] - 1}
     */
    void route(
            Tensor logits,
            Tensor routed,
            boolean normalised,
            Tensor probabilities,
            Tensor logSumExp,
            Tensor experts,
            Tensor weights,
            Tensor places,
            Tensor offsets);

    /**
     * What a load-balance loss and a router z-loss (Zoph et al. 2022, arXiv 2202.08906) are made of, summed in double precision over
     * the routed rows: {@code probabilitySums[x] = sum over n of p[n, x]}, {@code squares = sum over n of logSumExp[n]^2}.
     *
     * @param probabilities {@code [N, X]} from {@link #route}
     * @param logSumExp {@code [N]} from {@link #route}
     * @param probabilitySums float64 {@code [X]}, overwritten
     * @param squares float64 {@code [1]}, overwritten
     */
    void routerSums(Tensor probabilities, Tensor logSumExp, Tensor probabilitySums, Tensor squares);

    /**
     * The backward of {@link #route}, for the gradient of {@code weights}, of {@code sum over routed n, x of c[x] p[n, x]} and of
     * {@code zScale * sum over n of logSumExp[n]^2} together. With {@code dp} the gradient of the probabilities (for a chosen expert
     * {@code dweight}, or {@code (dweight_j - sum_i dweight_i weight_i) / sum_i p_i} if normalised; plus {@code c[x]} for each
     * expert): {@code dlogits[n, x] = p[n, x] (dp[n, x] - sum_y p[n, y] dp[n, y]) + 2 zScale logSumExp[n] p[n, x]}.
     *
     * @param weightsGradient {@code [N, k]}
     * @param probabilities {@code [N, X]} from the forward
     * @param logSumExp {@code [N]} from the forward
     * @param experts int32 {@code [N, k]} from the forward
     * @param weights {@code [N, k]} from the forward
     * @param normalised as in the forward
     * @param probabilityGradient {@code c}: float64 {@code [X]}
     * @param logitsGradient {@code [N, X]}, overwritten, 0 in rows that are not routed; may be {@code probabilities} itself
     */
    void routeBackward(
            Tensor weightsGradient,
            Tensor probabilities,
            Tensor logSumExp,
            Tensor experts,
            Tensor weights,
            boolean normalised,
            Tensor probabilityGradient,
            double zScale,
            Tensor logitsGradient);

    /**
     * {@code out[places[n, j]] = x[n]}.
     *
     * @param x {@code [N, D]}
     * @param places int32 {@code [N, k]}
     * @param out {@code [M, D]}
     */
    void permute(Tensor x, Tensor places, Tensor out);

    /**
     * The backward of {@link #permute}: {@code xGradient[n] += sum over j of outGradient[places[n, j]]}, in the order of {@code j}.
     *
     * @param outGradient {@code [M, D]}
     * @param places int32 {@code [N, k]}
     * @param xGradient {@code [N, D]}, accumulated
     */
    void permuteBackward(Tensor outGradient, Tensor places, Tensor xGradient);

    /**
     * For each expert's block of rows: {@code out = left op(right[x])}, or {@code out += left op(right[x])}.
     *
     * @param left {@code [M, L]}
     * @param right {@code [X, L, P]}, or {@code [X, P, L]} if transposed
     * @param offsets int32 {@code [X + 1]}
     * @param out {@code [M, P]}
     * @param accumulate whether the product is added to what {@code out} holds
     */
    void groupedMatmul(
            Tensor left, Tensor right, boolean transposeRight, Tensor offsets, Tensor out, boolean accumulate);

    /**
     * The gradient of {@link #groupedMatmul}'s transposed right side: for each expert's block of rows
     * {@code weightGradient[x] += outGradient^T left}. An expert without rows gets nothing added.
     *
     * @param outGradient {@code [M, P]}
     * @param left {@code [M, L]}
     * @param offsets int32 {@code [X + 1]}
     * @param weightGradient {@code [X, P, L]}, accumulated
     */
    void groupedWeightGradient(Tensor outGradient, Tensor left, Tensor offsets, Tensor weightGradient);

    /**
     * {@code out[n] = sum over j of weights[n, j] * expertOut[places[n, j]]}, in the order of {@code j}; 0 for a row that is not routed.
     *
     * @param expertOut {@code [M, D]}
     * @param places int32 {@code [N, k]}
     * @param weights {@code [N, k]}
     * @param out {@code [N, D]}, overwritten
     */
    void combine(Tensor expertOut, Tensor places, Tensor weights, Tensor out);

    /**
     * The backward of {@link #combine}: {@code expertOutGradient[places[n, j]] = weights[n, j] * outGradient[n]} and
     * {@code weightsGradient[n, j] = outGradient[n] . expertOut[places[n, j]]}.
     *
     * @param outGradient {@code [N, D]}
     * @param expertOut {@code [M, D]} from the forward
     * @param places int32 {@code [N, k]}
     * @param weights {@code [N, k]}
     * @param expertOutGradient {@code [M, D]}; may be {@code expertOut} itself
     * @param weightsGradient {@code [N, k]}, overwritten; 0 in a row that is not routed
     */
    void combineBackward(
            Tensor outGradient,
            Tensor expertOut,
            Tensor places,
            Tensor weights,
            Tensor expertOutGradient,
            Tensor weightsGradient);
}
