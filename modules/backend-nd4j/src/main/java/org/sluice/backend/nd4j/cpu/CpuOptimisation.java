package org.sluice.backend.nd4j.cpu;

import org.sluice.backend.nd4j.cpu.kernel.AdamWKernel;
import org.sluice.backend.nd4j.cpu.kernel.VectorMath;
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
        AdamWKernel kernel = AdamWKernel.of(step);
        Tiles.run(team, parameters.elements(), (start, count, scratch) -> {
            float[] p = scratch.floats(0, Scratch.TILE);
            float[] g = scratch.floats(1, Scratch.TILE);
            float[] m = scratch.floats(2, Scratch.TILE);
            float[] v = scratch.floats(3, Scratch.TILE);
            Host.view(parameters).get(start, p, 0, count);
            Host.view(gradients).get(start, g, 0, count);
            Host.view(firstMoment).get(start, m, 0, count);
            Host.view(secondMoment).get(start, v, 0, count);
            kernel.update(p, g, m, v, count);
            Host.view(parameters).put(start, p, 0, count);
            Host.view(firstMoment).put(start, m, 0, count);
            Host.view(secondMoment).put(start, v, 0, count);
        });
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
