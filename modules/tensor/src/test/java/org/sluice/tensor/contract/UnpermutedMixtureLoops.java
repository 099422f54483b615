package org.sluice.tensor.contract;

/**
 * A whole mixture of linear experts as its definition says it, token by token without any permuted order:
 * {@code out[n] = sum over j of weight[n, j] * expert[e(n, j)] x[n]}.
 *
 * @param router whose choices are taken
 * @param inner {@code L}, the size of {@code x}
 * @param columns {@code P}, the size of {@code out}
 */
record UnpermutedMixtureLoops(RouterLoops router, int inner, int columns) {

    /** @param combination the gradient of the router's weights */
    record Gradients(double[] x, double[] expertWeights, double[] combination) {}

    /** @param expertWeights {@code [X, P, L]} */
    double[] forward(double[] x, double[] expertWeights, RouterLoops.Routing routing) {
        double[] out = new double[x.length / inner * columns];
        for (int choice = 0; choice < routing.experts().length; choice++) {
            int n = choice / router.chosen();
            for (int p = 0; p < columns && routing.experts()[choice] >= 0; p++) {
                int row = (routing.experts()[choice] * columns + p) * inner;
                for (int l = 0; l < inner; l++) {
                    out[n * columns + p] += routing.weights()[choice] * expertWeights[row + l] * x[n * inner + l];
                }
            }
        }
        return out;
    }

    Gradients backward(double[] outGradient, double[] x, double[] expertWeights, RouterLoops.Routing routing) {
        Gradients gradients = new Gradients(
                new double[x.length], new double[expertWeights.length], new double[routing.experts().length]);
        for (int choice = 0; choice < routing.experts().length; choice++) {
            int n = choice / router.chosen();
            double weight = routing.weights()[choice];
            for (int p = 0; p < columns && routing.experts()[choice] >= 0; p++) {
                int row = (routing.experts()[choice] * columns + p) * inner;
                double gradient = outGradient[n * columns + p];
                for (int l = 0; l < inner; l++) {
                    gradients.x()[n * inner + l] += gradient * weight * expertWeights[row + l];
                    gradients.expertWeights()[row + l] += gradient * weight * x[n * inner + l];
                    gradients.combination()[choice] += gradient * expertWeights[row + l] * x[n * inner + l];
                }
            }
        }
        return gradients;
    }
}
