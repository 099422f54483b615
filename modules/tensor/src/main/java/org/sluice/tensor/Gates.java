package org.sluice.tensor;

/** Gates of the attention layer (arXiv 2505.06708), and the one inside the feed-forward layer (SwiGLU). */
public interface Gates {

    /**
     * With {@code a} the activation: {@code out = x * a(logits)} or {@code out = x + a(logits)}. Where the logits have no last dimension,
     * each head's score is spread over its {@code E} values; where scores are shared, {@code a(logits)} is replaced by its mean over heads.
     *
     * @param x {@code [B, T, H, E]}
     * @param logits {@code [B, T, H, E]} (elementwise) or {@code [B, T, H]} (headwise, which cannot be shared)
     * @param out {@code [B, T, H, E]}; may be {@code x} itself
     */
    void gate(GateFunction function, Tensor x, Tensor logits, Tensor out);

    /**
     * The backward of {@link #gate}. With {@code a'} the slope of the activation and {@code g = dout * x} (multiplicative) or
     * {@code g = dout} (additive): {@code dx = dout * a(logits)} or {@code dout}, and {@code dlogits = a'(logits) * g}, where {@code g} is
     * summed over {@code E} headwise, and averaged over {@code H} where scores are shared.
     *
     * @param outGradient {@code [B, T, H, E]}
     * @param x the forward's input {@code [B, T, H, E]}
     * @param logits as in the forward
     * @param xGradient {@code [B, T, H, E]}, overwritten; may be {@code outGradient} itself
     * @param logitsGradient the shape of {@code logits}, overwritten; may be {@code logits} itself
     */
    void gateBackward(
            GateFunction function,
            Tensor outGradient,
            Tensor x,
            Tensor logits,
            Tensor xGradient,
            Tensor logitsGradient);

    /**
     * SwiGLU (Shazeer 2020, arXiv 2002.05202): {@code out = gate * sigmoid(gate) * up}.
     *
     * @param gate {@code [N, F]}
     * @param up {@code [N, F]}
     * @param out {@code [N, F]}
     */
    void swiGlu(Tensor gate, Tensor up, Tensor out);

    /**
     * With {@code s = sigmoid(gate)}: {@code dgate = dout * up * s * (1 + gate * (1 - s))}, {@code dup = dout * gate * s}.
     *
     * @param outGradient {@code [N, F]}
     * @param gateGradient {@code [N, F]}, overwritten; may be {@code gate} itself
     * @param upGradient {@code [N, F]}, overwritten; may be {@code up} itself
     */
    void swiGluBackward(Tensor outGradient, Tensor gate, Tensor up, Tensor gateGradient, Tensor upGradient);

    /**
     * Switch heads (Csordas et al. 2023, arXiv 2312.07987): each head has {@code X} experts of its own, and its value is the sum of those
     * {@code k} with the largest logits, each times its score:
     * {@code out[h] = sum over chosen i of sigmoid(logits[h, i]) * x[h, i]}. Of equal logits the first is chosen; NaN counts as the
     * largest, so that it shows in the result.
     *
     * @param x {@code [B, T, H * X, E]}, the experts of a head side by side
     * @param logits {@code [B, T, H * X]}
     * @param chosenPerHead {@code k}, in {@code 1..X}
     * @param out {@code [B, T, H, E]}
     */
    void switchHeads(Tensor x, Tensor logits, int chosenPerHead, Tensor out);

    /**
     * The backward of {@link #switchHeads}. With {@code s = sigmoid(logits[h, i])}, for the chosen: {@code dx[h, i] = s * dout[h]},
     * {@code dlogits[h, i] = s (1 - s) dout[h] . x[h, i]}; for the others 0.
     *
     * @param outGradient {@code [B, T, H, E]}
     * @param x as in the forward
     * @param logits as in the forward
     * @param xGradient {@code [B, T, H * X, E]}, overwritten
     * @param logitsGradient {@code [B, T, H * X]}, overwritten
     */
    void switchHeadsBackward(
            Tensor outGradient, Tensor x, Tensor logits, int chosenPerHead, Tensor xGradient, Tensor logitsGradient);
}
