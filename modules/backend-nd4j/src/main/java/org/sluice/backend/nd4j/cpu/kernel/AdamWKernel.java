package org.sluice.backend.nd4j.cpu.kernel;

import static org.sluice.backend.nd4j.cpu.kernel.VectorMath.LANES;
import static org.sluice.backend.nd4j.cpu.kernel.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;
import org.sluice.tensor.Optimisation.AdamWStep;

/** The scalars of a step of AdamW as the kernel uses them: the bias corrections are worked into the others, in double precision. */
public record AdamWKernel(
        float gradientScale,
        float beta1,
        float complement1,
        float beta2,
        float complement2,
        float secondCorrection,
        float epsilon,
        float rate,
        float decay) {

    public static AdamWKernel of(AdamWStep step) {
        double firstCorrection = 1 - Math.pow(step.beta1(), step.step());
        double secondCorrection = 1 - Math.pow(step.beta2(), step.step());
        return new AdamWKernel(
                (float) step.gradientScale(),
                (float) step.beta1(),
                (float) (1 - step.beta1()),
                (float) step.beta2(),
                (float) (1 - step.beta2()),
                (float) (1 / secondCorrection),
                (float) step.epsilon(),
                (float) (step.learningRate() / firstCorrection),
                (float) (step.learningRate() * step.weightDecay()));
    }

    /** Updates parameters {@code p} and moments {@code m} and {@code v} by gradients {@code g}, in whole vectors. */
    public void update(float[] p, float[] g, float[] m, float[] v, int count) {
        FloatVector beta1s = FloatVector.broadcast(SPECIES, beta1);
        FloatVector beta2s = FloatVector.broadcast(SPECIES, beta2);
        FloatVector decays = FloatVector.broadcast(SPECIES, -decay);
        for (int i = 0; i < count; i += LANES) {
            FloatVector gradient = FloatVector.fromArray(SPECIES, g, i).mul(gradientScale);
            FloatVector first = FloatVector.fromArray(SPECIES, m, i).fma(beta1s, gradient.mul(complement1));
            FloatVector second = FloatVector.fromArray(SPECIES, v, i)
                    .fma(beta2s, gradient.mul(gradient).mul(complement2));
            first.intoArray(m, i);
            second.intoArray(v, i);
            FloatVector update =
                    first.mul(rate).div(second.mul(secondCorrection).sqrt().add(epsilon));
            FloatVector parameter = FloatVector.fromArray(SPECIES, p, i);
            parameter.fma(decays, parameter.sub(update)).intoArray(p, i);
        }
    }
}
