package org.sluice.model;

import java.util.Optional;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Tensor;

/** The end of a branch of the residual stream: what a layer's last projection writes becomes what is added to the stream. */
interface BranchEnd {

    /** Where the layer writes its output: {@code [N, D]}, as one head. */
    HeadTensor output();

    /** Makes the branch from {@link #output}. */
    void forward();

    /**
     * @param branchGradient {@code [N, D]}, left as it is
     * @return the gradient of {@link #output}; may be {@code branchGradient} itself, so it must not be written to
     */
    HeadTensor backward(HeadTensor branchGradient);

    /**
     * The output is the branch.
     *
     * @param output {@code [N, D]}
     */
    record Plain(HeadTensor output) implements BranchEnd {
        @Override
        public void forward() {}

        @Override
        public HeadTensor backward(HeadTensor branchGradient) {
            return branchGradient;
        }
    }

    /**
     * Sandwich norm: the branch is the RMSNorm of the output.
     *
     * @param weight {@code [D]}
     * @param output {@code [N, D]}
     * @param inverseRms {@code [N]}
     * @param branch {@code [N, D]}
     * @param outputGradient {@code [N, D]}, shared between layers; empty in evaluation
     */
    record SandwichNorm(
            Backend backend,
            double epsilon,
            Weight weight,
            HeadTensor output,
            Tensor inverseRms,
            HeadTensor branch,
            Optional<HeadTensor> outputGradient)
            implements BranchEnd {
        @Override
        public void forward() {
            backend.normalisation().rmsNorm(output.rows(), weight.value(), epsilon, branch.rows(), inverseRms);
        }

        @Override
        public HeadTensor backward(HeadTensor branchGradient) {
            HeadTensor gradient = outputGradient.orElseThrow();
            backend.normalisation()
                    .rmsNormBackward(
                            branchGradient.rows(),
                            output.rows(),
                            weight.value(),
                            inverseRms,
                            gradient.rows(),
                            false,
                            weight.gradient());
            return gradient;
        }
    }
}
