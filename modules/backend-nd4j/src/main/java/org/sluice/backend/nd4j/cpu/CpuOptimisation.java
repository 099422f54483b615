package org.sluice.backend.nd4j.cpu;

import static org.sluice.backend.nd4j.cpu.VectorMath.LANES;
import static org.sluice.backend.nd4j.cpu.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;
import org.sluice.tensor.OperationChecks;
import org.sluice.tensor.Optimisation;
import org.sluice.tensor.OptimisationChecks;
import org.sluice.tensor.Tensor;

/** Updates in one pass. The floor is memory: 28 bytes a parameter for AdamW, 12 for gradient descent. */
final class CpuOptimisation implements Optimisation {
    private final WorkerTeam team;
    private final OptimisationChecks checks;

    CpuOptimisation(WorkerTeam team, OperationChecks checks) {
        this.team = team;
        this.checks = new OptimisationChecks(checks);
    }

    @Override
    public void adamW(Tensor parameters, Tensor gradients, Tensor firstMoment, Tensor secondMoment, AdamWStep step) {
        checks.adamW(parameters, gradients, firstMoment, secondMoment, step);
        Factors factors = Factors.of(step);
        Tiles.run(team, parameters.elements(), (start, count, scratch) -> {
            float[] p = scratch.floats(0, Scratch.TILE);
            float[] g = scratch.floats(1, Scratch.TILE);
            float[] m = scratch.floats(2, Scratch.TILE);
            float[] v = scratch.floats(3, Scratch.TILE);
            Host.view(parameters).get(start, p, 0, count);
            Host.view(gradients).get(start, g, 0, count);
            Host.view(firstMoment).get(start, m, 0, count);
            Host.view(secondMoment).get(start, v, 0, count);
            adamW(p, g, m, v, count, factors);
            Host.view(parameters).put(start, p, 0, count);
            Host.view(firstMoment).put(start, m, 0, count);
            Host.view(secondMoment).put(start, v, 0, count);
        });
    }

    /** The scalars of a step as the kernel uses them: the bias corrections are worked into the others, in double precision. */
    private record Factors(
            float gradientScale,
            float beta1,
            float complement1,
            float beta2,
            float complement2,
            float secondCorrection,
            float epsilon,
            float rate,
            float decay) {

        static Factors of(AdamWStep step) {
            double firstCorrection = 1 - Math.pow(step.beta1(), step.step());
            double secondCorrection = 1 - Math.pow(step.beta2(), step.step());
            return new Factors(
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
    }

    private static void adamW(float[] p, float[] g, float[] m, float[] v, int count, Factors factors) {
        FloatVector beta1 = FloatVector.broadcast(SPECIES, factors.beta1());
        FloatVector beta2 = FloatVector.broadcast(SPECIES, factors.beta2());
        FloatVector decay = FloatVector.broadcast(SPECIES, -factors.decay());
        float gradientScale = factors.gradientScale();
        float complement1 = factors.complement1();
        float complement2 = factors.complement2();
        float secondCorrection = factors.secondCorrection();
        float epsilon = factors.epsilon();
        float rate = factors.rate();
        for (int i = 0; i < count; i += LANES) {
            FloatVector gradient = FloatVector.fromArray(SPECIES, g, i).mul(gradientScale);
            FloatVector first = FloatVector.fromArray(SPECIES, m, i).fma(beta1, gradient.mul(complement1));
            FloatVector second = FloatVector.fromArray(SPECIES, v, i)
                    .fma(beta2, gradient.mul(gradient).mul(complement2));
            first.intoArray(m, i);
            second.intoArray(v, i);
            FloatVector update =
                    first.mul(rate).div(second.mul(secondCorrection).sqrt().add(epsilon));
            FloatVector parameter = FloatVector.fromArray(SPECIES, p, i);
            parameter.fma(decay, parameter.sub(update)).intoArray(p, i);
        }
    }

    @Override
    public void gradientDescent(Tensor parameters, Tensor gradients, double rate) {
        checks.gradientDescent(parameters, gradients);
        Tiles.run(team, parameters.elements(), (start, count, scratch) -> {
            float[] p = scratch.floats(0, Scratch.TILE);
            float[] g = scratch.floats(1, Scratch.TILE);
            Host.view(parameters).get(start, p, 0, count);
            Host.view(gradients).get(start, g, 0, count);
            VectorMath.addScaled(p, 0, g, 0, (float) -rate, count);
            Host.view(parameters).put(start, p, 0, count);
        });
    }
}
