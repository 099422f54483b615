package org.sluice.backend.nd4j.cpu;

import org.sluice.backend.nd4j.cpu.kernel.MixtureKernels;
import org.sluice.backend.nd4j.cpu.kernel.VectorMath;
import org.sluice.tensor.MixtureChecks;
import org.sluice.tensor.Tensor;

/** The backward of a mixture's router, row by row in double precision. The floor is memory: 8 bytes a logit. */
final class RouterBackward {
    private final WorkerTeam team;
    private int[] experts = new int[0];
    private double[] factors = new double[0];

    RouterBackward(WorkerTeam team) {
        this.team = team;
    }

    /** For {@link org.sluice.tensor.Mixture#routeBackward}. */
    void backward(
            Tensor weightsGradient,
            Tensor probabilities,
            Tensor logSumExp,
            Tensor chosenExperts,
            Tensor weights,
            boolean normalised,
            Tensor probabilityGradient,
            double zScale,
            Tensor logitsGradient) {
        int expertCount = Host.dimension(probabilities, 1);
        int chosen = Host.dimension(chosenExperts, 1);
        int rows = Host.dimension(probabilities, 0);
        readExperts(chosenExperts, expertCount);
        if (factors.length < expertCount) {
            factors = new double[expertCount];
        }
        Host.view(probabilityGradient).get(0, factors, 0, expertCount);
        int stride = VectorMath.padded(expertCount);
        int tileRows = RouterRows.ofTile(stride);
        Rows.run(team, rows, tileRows, (first, count, scratch) -> {
            float[] tile = scratch.floats(0, tileRows * stride);
            float[] totals = scratch.floats(1, tileRows);
            float[] tileWeights = scratch.floats(2, tileRows * chosen);
            float[] gradients = scratch.floats(3, tileRows * chosen);
            RowTiles.load(Host.view(probabilities), first, count, expertCount, stride, tile);
            Host.view(logSumExp).get(first, totals, 0, count);
            Host.view(weights).get(first * chosen, tileWeights, 0, count * chosen);
            Host.view(weightsGradient).get(first * chosen, gradients, 0, count * chosen);
            for (int i = 0; i < count; i++) {
                int choice = (int) (first + i) * chosen;
                if (normalised) {
                    double sum = MixtureKernels.chosenProbability(tile, i * stride, experts, choice, chosen);
                    unnormalise(gradients, tileWeights, i * chosen, chosen, sum);
                }
                double shift = 2 * zScale * totals[i];
                backwardRow(tile, i * stride, expertCount, choice, chosen, gradients, i * chosen, shift, scratch);
            }
            RowTiles.store(tile, Host.view(logitsGradient), first, count, expertCount, stride);
        });
    }

    private void readExperts(Tensor chosenExperts, int expertCount) {
        experts = Host.ints(chosenExperts, experts);
        for (int choice = 0; choice < chosenExperts.elements(); choice++) {
            MixtureChecks.requireExpert("routeBackward", choice, experts[choice], expertCount);
        }
    }

    /** From the gradient of weights that add up to 1 to that of the probabilities that they were made of. */
    private static void unnormalise(float[] gradients, float[] weights, int at, int chosen, double sum) {
        double along = 0;
        for (int j = at; j < at + chosen; j++) {
            along += (double) gradients[j] * weights[j];
        }
        for (int j = at; j < at + chosen; j++) {
            gradients[j] = (float) ((gradients[j] - along) / sum);
        }
    }

    private void backwardRow(
            float[] p,
            int at,
            int expertCount,
            int choice,
            int chosen,
            float[] gradients,
            int gradientsAt,
            double zShift,
            Scratch scratch) {
        float[] chosenP = scratch.floats(4, chosen);
        double mean = MixtureKernels.dot(p, at, factors, expertCount);
        for (int j = 0; j < chosen; j++) {
            int expert = experts[choice + j];
            if (expert >= 0) {
                chosenP[j] = p[at + expert];
                mean += chosenP[j] * (double) gradients[gradientsAt + j];
            }
        }
        double shift = zShift - mean;
        MixtureKernels.multiply(p, at, factors, shift, expertCount);
        for (int j = 0; j < chosen; j++) {
            int expert = experts[choice + j];
            if (expert >= 0) {
                p[at + expert] = (float) (chosenP[j] * (factors[expert] + gradients[gradientsAt + j] + shift));
            }
        }
    }
}
