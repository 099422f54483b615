package org.sluice.tensor;

import org.sluice.tensor.Optimisation.AdamWStep;

/** The argument checks of {@link Optimisation}; see {@link OperationChecks}. */
public final class OptimisationChecks {
    private final OperationArguments adamW;
    private final OperationArguments gradientDescent;

    public OptimisationChecks(OperationChecks operations) {
        adamW = operations.arguments("adamW");
        gradientDescent = operations.arguments("gradientDescent");
    }

    /** For {@link Optimisation#adamW}. */
    public void adamW(Tensor parameters, Tensor gradients, Tensor firstMoment, Tensor secondMoment, AdamWStep step) {
        DType dtype = adamW.floating("parameters", parameters);
        adamW.elements("gradients", gradients, dtype, parameters.elements());
        adamW.elements("firstMoment", firstMoment, dtype, parameters.elements());
        adamW.elements("secondMoment", secondMoment, dtype, parameters.elements());
        adamW.number("step", step.step(), step.step() >= 1, "at least 1");
        adamW.number("beta1", step.beta1(), step.beta1() >= 0 && step.beta1() < 1, "0 <= beta1 < 1");
        adamW.number("beta2", step.beta2(), step.beta2() >= 0 && step.beta2() < 1, "0 <= beta2 < 1");
        adamW.epsilon(step.epsilon());
        adamW.apart("parameters", parameters, gradients, firstMoment, secondMoment);
        adamW.apart("firstMoment", firstMoment, gradients, secondMoment);
        adamW.apart("secondMoment", secondMoment, gradients);
    }

    /** For {@link Optimisation#gradientDescent}. */
    public void gradientDescent(Tensor parameters, Tensor gradients) {
        DType dtype = gradientDescent.floating("parameters", parameters);
        gradientDescent.elements("gradients", gradients, dtype, parameters.elements());
        gradientDescent.apart("parameters", parameters, gradients);
    }
}
