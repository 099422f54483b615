package org.sluice.tensor.contract;

import org.sluice.tensor.Optimisation.AdamWStep;

/** {@link org.sluice.tensor.Optimisation} in plain loops, in place. */
final class OptimisationLoops {
    private OptimisationLoops() {}

    static void adamW(double[] parameters, double[] gradients, double[] first, double[] second, AdamWStep step) {
        for (int index = 0; index < parameters.length; index++) {
            double g = step.gradientScale() * gradients[index];
            first[index] = step.beta1() * first[index] + (1 - step.beta1()) * g;
            second[index] = step.beta2() * second[index] + (1 - step.beta2()) * g * g;
            double firstUnbiased = first[index] / (1 - Math.pow(step.beta1(), step.step()));
            double secondUnbiased = second[index] / (1 - Math.pow(step.beta2(), step.step()));
            parameters[index] = parameters[index]
                    - step.learningRate() * step.weightDecay() * parameters[index]
                    - step.learningRate() * firstUnbiased / (Math.sqrt(secondUnbiased) + step.epsilon());
        }
    }

    static void gradientDescent(double[] parameters, double[] gradients, double rate) {
        for (int index = 0; index < parameters.length; index++) {
            parameters[index] -= rate * gradients[index];
        }
    }
}
