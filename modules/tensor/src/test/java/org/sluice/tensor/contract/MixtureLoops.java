package org.sluice.tensor.contract;

import java.util.Arrays;

/** What {@link org.sluice.tensor.Mixture} does with rows, in plain loops; {@code k} is the length of {@code places} by that of the rows. */
final class MixtureLoops {
    private MixtureLoops() {}

    /** {@code [N, D]} to {@code [M, D]}; unused rows are NaN. */
    static double[] permute(double[] x, int[] places, int chosen, int size) {
        double[] out = new double[places.length * size];
        Arrays.fill(out, Double.NaN);
        for (int choice = 0; choice < places.length; choice++) {
            for (int d = 0; d < size && places[choice] >= 0; d++) {
                out[places[choice] * size + d] = x[choice / chosen * size + d];
            }
        }
        return out;
    }

    /** Adds to {@code xGradient}. */
    static void permuteBackward(double[] outGradient, int[] places, int chosen, int size, double[] xGradient) {
        for (int choice = 0; choice < places.length; choice++) {
            for (int d = 0; d < size && places[choice] >= 0; d++) {
                xGradient[choice / chosen * size + d] += outGradient[places[choice] * size + d];
            }
        }
    }

    /** {@code [M, L]} by {@code [X, L, P]}, or {@code [X, P, L]} if transposed; unused rows are NaN. */
    static double[] groupedMatmul(
            double[] left, double[] right, boolean transposeRight, int[] offsets, int rows, int inner, int columns) {
        double[] out = new double[rows * columns];
        Arrays.fill(out, Double.NaN);
        for (int x = 0; x + 1 < offsets.length; x++) {
            double[] product = LinearAlgebraLoops.matmul(
                    Arrays.copyOfRange(left, offsets[x] * inner, offsets[x + 1] * inner),
                    false,
                    Arrays.copyOfRange(right, x * inner * columns, (x + 1) * inner * columns),
                    transposeRight,
                    offsets[x + 1] - offsets[x],
                    inner,
                    columns);
            System.arraycopy(product, 0, out, offsets[x] * columns, product.length);
        }
        return out;
    }

    /** {@code [M, P]} and {@code [M, L]}; adds to {@code weightGradient [X, P, L]}. */
    static void groupedWeightGradient(
            double[] outGradient, double[] left, int[] offsets, int inner, int columns, double[] weightGradient) {
        for (int x = 0; x + 1 < offsets.length; x++) {
            for (int row = offsets[x]; row < offsets[x + 1]; row++) {
                for (int p = 0; p < columns; p++) {
                    for (int l = 0; l < inner; l++) {
                        weightGradient[(x * columns + p) * inner + l] +=
                                outGradient[row * columns + p] * left[row * inner + l];
                    }
                }
            }
        }
    }

    static double[] combine(double[] expertOut, int[] places, double[] weights, int chosen, int size) {
        double[] out = new double[places.length / chosen * size];
        for (int choice = 0; choice < places.length; choice++) {
            for (int d = 0; d < size && places[choice] >= 0; d++) {
                out[choice / chosen * size + d] += weights[choice] * expertOut[places[choice] * size + d];
            }
        }
        return out;
    }

    /** The gradient of {@code expertOut}; unused rows are NaN. */
    static double[] combineExpertOutGradient(
            double[] outGradient, int[] places, double[] weights, int chosen, int size) {
        double[] gradient = new double[places.length * size];
        Arrays.fill(gradient, Double.NaN);
        for (int choice = 0; choice < places.length; choice++) {
            for (int d = 0; d < size && places[choice] >= 0; d++) {
                gradient[places[choice] * size + d] = weights[choice] * outGradient[choice / chosen * size + d];
            }
        }
        return gradient;
    }

    static double[] combineWeightsGradient(
            double[] outGradient, double[] expertOut, int[] places, int chosen, int size) {
        double[] gradient = new double[places.length];
        for (int choice = 0; choice < places.length; choice++) {
            for (int d = 0; d < size && places[choice] >= 0; d++) {
                gradient[choice] += outGradient[choice / chosen * size + d] * expertOut[places[choice] * size + d];
            }
        }
        return gradient;
    }
}
