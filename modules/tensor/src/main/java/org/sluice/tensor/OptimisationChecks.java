package org.sluice.tensor;

import org.sluice.tensor.Optimisation.AdamWStep;

/** The argument checks of {@link Optimisation}; see {@link OperationChecks}. */
public final class OptimisationChecks {
    private final OperationChecks operations;

    public OptimisationChecks(OperationChecks operations) {
        this.operations = operations;
    }

    /** For {@link Optimisation#adamW}. */
    public void adamW(Tensor parameters, Tensor gradients, Tensor firstMoment, Tensor secondMoment, AdamWStep step) {
        OperationCall call = operations.call("adamW");
        DType dtype = call.floating("parameters", parameters);
        call.elements("gradients", gradients, dtype, parameters.elements());
        call.elements("firstMoment", firstMoment, dtype, parameters.elements());
        call.elements("secondMoment", secondMoment, dtype, parameters.elements());
        call.number("step", step.step(), step.step() >= 1, "at least 1");
        call.number("beta1", step.beta1(), step.beta1() >= 0 && step.beta1() < 1, "0 <= beta1 < 1");
        call.number("beta2", step.beta2(), step.beta2() >= 0 && step.beta2() < 1, "0 <= beta2 < 1");
        call.epsilon(step.epsilon());
        call.apart("parameters", parameters, gradients, firstMoment, secondMoment);
        call.apart("firstMoment", firstMoment, gradients, secondMoment);
        call.apart("secondMoment", secondMoment, gradients);
    }

    /** For {@link Optimisation#gradientDescent}. */
    public void gradientDescent(Tensor parameters, Tensor gradients) {
        OperationCall call = operations.call("gradientDescent");
        DType dtype = call.floating("parameters", parameters);
        call.elements("gradients", gradients, dtype, parameters.elements());
        call.apart("parameters", parameters, gradients);
    }
}
