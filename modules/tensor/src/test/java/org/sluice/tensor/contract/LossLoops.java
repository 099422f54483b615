package org.sluice.tensor.contract;

import org.sluice.tensor.Loss;

/** {@link org.sluice.tensor.Loss} in plain loops, with the logits of all rows at once. */
final class LossLoops {
    private LossLoops() {}

    /** {@code [N, V]}. */
    static double[] logits(double[] hidden, double[] weight, int size) {
        return LinearAlgebraLoops.matmul(hidden, false, weight, true, hidden.length / size, size, weight.length / size);
    }

    /** {@code [N]}; 0 where the target is ignored. */
    static double[] logSumExp(double[] logits, int[] targets) {
        int vocabulary = logits.length / targets.length;
        double[] result = new double[targets.length];
        for (int n = 0; n < targets.length; n++) {
            if (targets[n] == Loss.IGNORED) {
                continue;
            }
            double largest = Double.NEGATIVE_INFINITY;
            for (int v = 0; v < vocabulary; v++) {
                largest = Math.max(largest, logits[n * vocabulary + v]);
            }
            double sum = 0;
            for (int v = 0; v < vocabulary; v++) {
                sum += Math.exp(logits[n * vocabulary + v] - largest);
            }
            result[n] = largest + Math.log(sum);
        }
        return result;
    }

    /** {@code [N]}; 0 where the target is ignored. */
    static double[] losses(double[] logits, int[] targets) {
        int vocabulary = logits.length / targets.length;
        double[] losses = logSumExp(logits, targets);
        for (int n = 0; n < targets.length; n++) {
            if (targets[n] != Loss.IGNORED) {
                losses[n] -= logits[n * vocabulary + targets[n]];
            }
        }
        return losses;
    }

    /** The gradient of {@code gradientScale * sum (loss + zLossWeight * L^2)} with respect to the logits. */
    static double[] logitsGradient(double[] logits, int[] targets, double zLossWeight, double gradientScale) {
        int vocabulary = logits.length / targets.length;
        double[] logSumExp = logSumExp(logits, targets);
        double[] gradient = new double[logits.length];
        for (int n = 0; n < targets.length; n++) {
            if (targets[n] == Loss.IGNORED) {
                continue;
            }
            for (int v = 0; v < vocabulary; v++) {
                double p = Math.exp(logits[n * vocabulary + v] - logSumExp[n]);
                double target = v == targets[n] ? 1 : 0;
                gradient[n * vocabulary + v] = gradientScale * (p * (1 + 2 * zLossWeight * logSumExp[n]) - target);
            }
        }
        return gradient;
    }
}
