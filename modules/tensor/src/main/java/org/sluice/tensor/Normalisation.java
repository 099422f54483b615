package org.sluice.tensor;

/**
 * RMSNorm (Zhang and Sennrich 2019, arXiv 1910.07467), alone, behind a residual add, and per head before rotary position embedding; and
 * the clip of the residual stream.
 *
 * <p>For a row {@code x} of size {@code D}: {@code r = 1 / sqrt(mean(x^2) + epsilon)}, {@code y = weight * x * r}. Backward, with
 * {@code g = dy * weight}: {@code dx = r * (g - x * r^2 * mean(g * x))} and {@code dweight += sum over rows of dy * x * r}.
 */
public interface Normalisation {

    /**
     * @param x {@code [N, D]}
     * @param weight {@code [D]}
     * @param out {@code [N, D]}
     * @param inverseRms {@code [N]}, the {@code r} of each row, kept for the backward
     */
    void rmsNorm(Tensor x, Tensor weight, double epsilon, Tensor out, Tensor inverseRms);

    /**
     * {@code sum = residual + branch}, then {@link #rmsNorm} of {@code sum}, in one pass.
     *
     * @param residual {@code [N, D]}
     * @param branch {@code [N, D]}
     * @param sum {@code [N, D]}; may be {@code residual} itself
     * @param out {@code [N, D]}
     * @param inverseRms {@code [N]}
     */
    void addRmsNorm(
            Tensor residual, Tensor branch, Tensor weight, double epsilon, Tensor sum, Tensor out, Tensor inverseRms);

    /**
     * The backward of {@link #rmsNorm}; that of {@link #addRmsNorm} is the same with {@code x = sum} and {@code accumulate}, since the
     * gradient of the sum is that of both its terms.
     *
     * @param outGradient {@code [N, D]}
     * @param x the forward's input {@code [N, D]}
     * @param xGradient {@code [N, D]}
     * @param accumulate whether {@code xGradient} is added to rather than overwritten
     * @param weightGradient {@code [D]}, accumulated
     */
    void rmsNormBackward(
            Tensor outGradient,
            Tensor x,
            Tensor weight,
            Tensor inverseRms,
            Tensor xGradient,
            boolean accumulate,
            Tensor weightGradient);

    /**
     * QK-norm and rotary position embedding: RMSNorm of each head's vector over {@code E}, then the rotate-half form of RoPE (Su et al.
     * 2021, arXiv 2104.09864). With {@code y} the normalised vector, {@code h = E / 2}, and for {@code i < h}:
     * {@code out[i] = y[i] cos[t, i] - y[i + h] sin[t, i]}, {@code out[i + h] = y[i + h] cos[t, i] + y[i] sin[t, i]}.
     *
     * @param x {@code [B, T, H, E]}
     * @param weight {@code [E]}, shared by all heads
     * @param cosine {@code [T, E / 2]}
     * @param sine {@code [T, E / 2]}
     * @param out {@code [B, T, H, E]}
     * @param inverseRms {@code [B, T, H]}, kept for the backward
     */
    void headNormRotary(
            Tensor x, Tensor weight, double epsilon, Tensor cosine, Tensor sine, Tensor out, Tensor inverseRms);

    /**
     * The backward of {@link #headNormRotary}: rotate back by the same angle, then the backward of RMSNorm.
     *
     * @param outGradient {@code [B, T, H, E]}
     * @param x the forward's input {@code [B, T, H, E]}
     * @param xGradient {@code [B, T, H, E]}, overwritten; may be {@code outGradient} itself
     * @param weightGradient {@code [E]}, accumulated
     */
    void headNormRotaryBackward(
            Tensor outGradient,
            Tensor x,
            Tensor weight,
            Tensor cosine,
            Tensor sine,
            Tensor inverseRms,
            Tensor xGradient,
            Tensor weightGradient);

    /**
     * {@code x = min(max(x, -bound), bound)}, in place.
     *
     * @param x of any shape
     * @param bound above 0
     */
    void clip(Tensor x, double bound);

    /**
     * The backward of {@link #clip}: sets the gradient to 0 where the forward left a value at the bound.
     *
     * @param x what the forward left
     * @param bound as in the forward
     * @param gradient the shape of {@code x}, in place
     */
    void clipBackward(Tensor x, double bound, Tensor gradient);
}
