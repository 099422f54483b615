package org.sluice.tensor;

/** Multiplicative gates: after attention (arXiv 2505.06708), and inside the feed-forward layer (SwiGLU). */
public interface Gates {

    /**
     * {@code out = x * sigmoid(logits)}, each head's scalar spread over its {@code E} values where the logits have no last dimension.
     *
     * @param x {@code [B, T, H, E]}
     * @param logits {@code [B, T, H, E]} (elementwise) or {@code [B, T, H]} (headwise)
     * @param out {@code [B, T, H, E]}; may be {@code x} itself
     */
    void sigmoidGate(Tensor x, Tensor logits, Tensor out);

    /**
     * The backward of {@link #sigmoidGate} from its output, so that {@code x} need not be kept. With {@code s = sigmoid(logits)}:
     * {@code dx = dout * s}; {@code dlogits = dout * out * (1 - s)}, summed over {@code E} headwise; and, since
     * {@code dx * x = dout * out}, {@code delta[b, h, t] = sum over E of dout * out}, which is what {@link Attention#backward} needs.
     *
     * @param outGradient {@code [B, T, H, E]}
     * @param out the forward's output {@code [B, T, H, E]}
     * @param logits as in the forward
     * @param xGradient {@code [B, T, H, E]}, overwritten; may be {@code outGradient} itself
     * @param logitsGradient the shape of {@code logits}, overwritten
     * @param delta {@code [B, H, T]}, overwritten
     */
    void sigmoidGateBackward(
            Tensor outGradient, Tensor out, Tensor logits, Tensor xGradient, Tensor logitsGradient, Tensor delta);

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
}
