package org.sluice.model;

import java.util.Optional;
import org.sluice.tensor.LinearAlgebra;
import org.sluice.tensor.Tensor;

/**
 * One parameter and its gradient, to which backward passes add.
 *
 * @param optionalGradient empty in evaluation
 */
record Weight(Tensor value, Optional<Tensor> optionalGradient) {

    Tensor gradient() {
        if (optionalGradient.isEmpty()) {
            throw new IllegalStateException(value.name() + " has no gradient: the decoder was made for evaluation");
        }
        return optionalGradient.get();
    }

    /**
     * {@code out = x W^T}.
     *
     * @param x {@code [N, in]}
     * @param out {@code [N, out]}
     */
    void project(LinearAlgebra linearAlgebra, Tensor x, Tensor out) {
        linearAlgebra.matmul(x, false, value, true, out, false);
    }

    /**
     * The backward of {@link #project}: {@code dW += dout^T x}, and {@code dx = dout W} or {@code dx += dout W}.
     *
     * @param accumulate whether {@code xGradient} is added to
     */
    void projectBackward(
            LinearAlgebra linearAlgebra, Tensor outGradient, Tensor x, Tensor xGradient, boolean accumulate) {
        linearAlgebra.matmul(outGradient, true, x, false, gradient(), true);
        linearAlgebra.matmul(outGradient, false, value, false, xGradient, accumulate);
    }
}
