package org.sluice.tensor.contract;

import static org.sluice.tensor.contract.GateLoops.sigmoid;

import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * {@link org.sluice.tensor.Gates#switchHeads} in plain loops.
 *
 * @param rows {@code B * T * H}
 * @param experts {@code X}, of each head
 * @param chosen {@code k}
 */
record SwitchHeadLoops(int rows, int experts, int chosen, int headDim) {

    /** The experts that a row chooses: a stable sort keeps equal logits in order; the subtraction makes 0 of -0, which it would not. */
    int[] chosenOf(double[] logits, int row) {
        return IntStream.range(0, experts)
                .boxed()
                .sorted(Comparator.comparingDouble(expert -> 0.0 - logits[row * experts + expert]))
                .limit(chosen)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    double[] forward(double[] x, double[] logits) {
        double[] out = new double[rows * headDim];
        for (int row = 0; row < rows; row++) {
            for (int expert : chosenOf(logits, row)) {
                int source = row * experts + expert;
                for (int e = 0; e < headDim; e++) {
                    out[row * headDim + e] += sigmoid(logits[source]) * x[source * headDim + e];
                }
            }
        }
        return out;
    }

    double[] xGradient(double[] outGradient, double[] logits) {
        double[] gradient = new double[rows * experts * headDim];
        for (int row = 0; row < rows; row++) {
            for (int expert : chosenOf(logits, row)) {
                int source = row * experts + expert;
                for (int e = 0; e < headDim; e++) {
                    gradient[source * headDim + e] = sigmoid(logits[source]) * outGradient[row * headDim + e];
                }
            }
        }
        return gradient;
    }

    double[] logitsGradient(double[] outGradient, double[] x, double[] logits) {
        double[] gradient = new double[rows * experts];
        for (int row = 0; row < rows; row++) {
            for (int expert : chosenOf(logits, row)) {
                int source = row * experts + expert;
                double slope = sigmoid(logits[source]) * sigmoid(-logits[source]);
                for (int e = 0; e < headDim; e++) {
                    gradient[source] += slope * outGradient[row * headDim + e] * x[source * headDim + e];
                }
            }
        }
        return gradient;
    }
}
