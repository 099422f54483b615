package org.sluice.tensor;

/** Matrix products, and the embedding look-up, which is a product with one-hot rows. */
public interface LinearAlgebra {

    /**
     * {@code out = op(left) op(right)}, or {@code out += op(left) op(right)}, where {@code op} transposes or not.
     *
     * @param left {@code [M, L]}, or {@code [L, M]} if transposed
     * @param right {@code [L, P]}, or {@code [P, L]} if transposed
     * @param out {@code [M, P]}
     * @param accumulate whether the product is added to what {@code out} holds
     */
    void matmul(
            Tensor left, boolean transposeLeft, Tensor right, boolean transposeRight, Tensor out, boolean accumulate);

    /**
     * {@code out[n] = table[tokens[n]]}.
     *
     * @param table {@code [V, D]}
     * @param tokens int32 {@code [N]}, each in {@code 0..V-1}; others are an {@link IllegalArgumentException}
     * @param out {@code [N, D]}
     */
    void embed(Tensor table, Tensor tokens, Tensor out);

    /**
     * {@code tableGradient[tokens[n]] += outGradient[n]}, in the order of {@code n}.
     *
     * @param outGradient {@code [N, D]}
     * @param tokens int32 {@code [N]}
     * @param tableGradient {@code [V, D]}, accumulated
     */
    void embedBackward(Tensor outGradient, Tensor tokens, Tensor tableGradient);
}
