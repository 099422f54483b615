package org.sluice.tensor;

/**
 * Causal grouped-query scaled dot-product attention inside documents.
 *
 * <p>Query {@code t} of a sequence sees the keys {@code firstVisible[b, t] .. t}, where {@code firstVisible} is the position at which
 * its document starts. Query head {@code h} reads key/value head {@code h / (H / K)}. With {@code s(t, j) = scale * q_t . k_j}:
 * {@code L_t = log sum_j exp(s(t, j))}, {@code p(t, j) = exp(s(t, j) - L_t)}, {@code out_t = sum_j p(t, j) v_j}.
 *
 * <p>Backward (Dao et al. 2022, arXiv 2205.14135), with {@code delta_t = outGradient_t . out_t}: {@code ds(t, j) = p(t, j)
 * (outGradient_t . v_j - delta_t)}, {@code dq_t = scale * sum_j ds(t, j) k_j}, {@code dk_j = scale * sum_t ds(t, j) q_t},
 * {@code dv_j = sum_t p(t, j) outGradient_t}. Probabilities are recomputed from {@code L}; memory is linear in {@code T}.
 */
public interface Attention {

    /**
     * @param query {@code [B, T, H, E]}
     * @param key {@code [B, T, K, E]}, {@code K} a divisor of {@code H}
     * @param value {@code [B, T, K, E]}
     * @param firstVisible int32 {@code [B, T]}, each entry in {@code 0..t} and never decreasing along {@code t}; others are an
     *     {@link IllegalArgumentException}
     * @param out {@code [B, T, H, E]}
     * @param logSumExp {@code [B, H, T]}, the {@code L} above, kept for the backward
     */
    void forward(
            Tensor query, Tensor key, Tensor value, Tensor firstVisible, double scale, Tensor out, Tensor logSumExp);

    /**
     * {@link #forward} for queries that come behind others: those of times {@code firstTime .. firstTime + T - 1}, whose keys and
     * values, and those of all times before, lie in a cache of {@code C >= firstTime + T} places. What lies behind them is never read.
     * {@code forward} is the case {@code firstTime = 0}, {@code C = T}.
     *
     * @param query {@code [B, T, H, E]}
     * @param keys {@code [B, C, K, E]}, {@code K} a divisor of {@code H}
     * @param values {@code [B, C, K, E]}
     * @param firstVisible int32 {@code [B, T]}, each entry in {@code 0..firstTime + t} and never decreasing along {@code t}; others are
     *     an {@link IllegalArgumentException}
     * @param firstTime the time of the first query, at least 0
     * @param out {@code [B, T, H, E]}
     * @param logSumExp {@code [B, H, T]}
     */
    void forwardCached(
            Tensor query,
            Tensor keys,
            Tensor values,
            Tensor firstVisible,
            int firstTime,
            double scale,
            Tensor out,
            Tensor logSumExp);

    /**
     * {@code delta[b, h, t] = outGradient[b, t, h] . out[b, t, h]}, which {@link #backward} needs.
     *
     * @param outGradient {@code [B, T, H, E]}
     * @param out {@code [B, T, H, E]}
     * @param delta {@code [B, H, T]}
     */
    void outputDot(Tensor outGradient, Tensor out, Tensor delta);

    /**
     * @param outGradient {@code [B, T, H, E]}
     * @param delta {@code [B, H, T]}
     * @param logSumExp {@code [B, H, T]} from the forward
     * @param queryGradient {@code [B, T, H, E]}, overwritten
     * @param keyGradient {@code [B, T, K, E]}, overwritten
     * @param valueGradient {@code [B, T, K, E]}, overwritten
     */
    void backward(
            Tensor outGradient,
            Tensor delta,
            Tensor query,
            Tensor key,
            Tensor value,
            Tensor firstVisible,
            double scale,
            Tensor logSumExp,
            Tensor queryGradient,
            Tensor keyGradient,
            Tensor valueGradient);

    /**
     * {@code out[h] = sum over b, t of p(t, firstVisible[b, t])}: how much the queries of each head attend to the first token that they
     * can see. Divided by {@code B * T} it is the first-token attention of the head.
     *
     * @param logSumExp {@code [B, H, T]} from the forward
     * @param out float64 {@code [H]}, overwritten
     */
    void firstTokenProbability(
            Tensor query, Tensor key, Tensor firstVisible, double scale, Tensor logSumExp, Tensor out);
}
