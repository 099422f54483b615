package org.sluice.backend.nd4j.reference;

import static org.sluice.backend.nd4j.reference.ReferenceMemory.flat;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.sluice.tensor.OperationChecks;
import org.sluice.tensor.Optimisation;
import org.sluice.tensor.OptimisationChecks;
import org.sluice.tensor.Tensor;

/** AdamW and gradient descent on flat arrays. */
final class ReferenceOptimisation implements Optimisation {
    private final OptimisationChecks checks;

    ReferenceOptimisation(OperationChecks checks) {
        this.checks = new OptimisationChecks(checks);
    }

    @Override
    public void adamW(Tensor parameters, Tensor gradients, Tensor firstMoment, Tensor secondMoment, AdamWStep step) {
        checks.adamW(parameters, gradients, firstMoment, secondMoment, step);
        INDArray p = flat(parameters);
        INDArray m = flat(firstMoment);
        INDArray v = flat(secondMoment);
        INDArray g = flat(gradients).mul(step.gradientScale());
        m.muli(step.beta1()).addi(g.mul(1 - step.beta1()));
        v.muli(step.beta2()).addi(g.mul(g).muli(1 - step.beta2()));
        INDArray firstUnbiased = m.div(1 - Math.pow(step.beta1(), (double) step.step()));
        INDArray secondUnbiased = v.div(1 - Math.pow(step.beta2(), (double) step.step()));
        INDArray direction = firstUnbiased.divi(Transforms.sqrt(secondUnbiased).addi(step.epsilon()));
        p.subi(p.mul(step.learningRate() * step.weightDecay()));
        p.subi(direction.muli(step.learningRate()));
    }

    @Override
    public void gradientDescent(Tensor parameters, Tensor gradients, double rate) {
        checks.gradientDescent(parameters, gradients);
        flat(parameters).subi(flat(gradients).mul(rate));
    }
}
