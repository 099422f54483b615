package org.sluice.backend.nd4j.cpu;

import org.sluice.tensor.GateFunction;
import org.sluice.tensor.Gates;
import org.sluice.tensor.Tensor;

/**
 * {@link Gates#gate} and its backward for one granularity of the scores.
 *
 * <p>An additive gate's backward is that of a multiplicative one with 1 in place of the values, which the gradient of the logits is
 * multiplied by, and in place of the scores, which that of the values is.
 */
interface Gating {
    void forward(GateFunction function, Tensor x, Tensor logits, Tensor out);

    void backward(
            GateFunction function,
            Tensor outGradient,
            Tensor x,
            Tensor logits,
            Tensor xGradient,
            Tensor logitsGradient);
}
