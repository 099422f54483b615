package org.sluice.tensor.contract;

/** {@link org.sluice.tensor.LinearAlgebra} in plain loops. */
final class LinearAlgebraLoops {
    private LinearAlgebraLoops() {}

    /** {@code op(left) op(right)}, {@code [rows, columns]}. */
    static double[] matmul(
            double[] left,
            boolean transposeLeft,
            double[] right,
            boolean transposeRight,
            int rows,
            int inner,
            int columns) {
        double[] out = new double[rows * columns];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                double sum = 0;
                for (int l = 0; l < inner; l++) {
                    double a = transposeLeft ? left[l * rows + row] : left[row * inner + l];
                    double b = transposeRight ? right[column * inner + l] : right[l * columns + column];
                    sum += a * b;
                }
                out[row * columns + column] = sum;
            }
        }
        return out;
    }

    static double[] embed(double[] table, int[] tokens, int hidden) {
        double[] out = new double[tokens.length * hidden];
        for (int n = 0; n < tokens.length; n++) {
            for (int d = 0; d < hidden; d++) {
                out[n * hidden + d] = table[tokens[n] * hidden + d];
            }
        }
        return out;
    }

    /** Adds to {@code tableGradient}. */
    static void embedBackward(double[] outGradient, int[] tokens, int hidden, double[] tableGradient) {
        for (int n = 0; n < tokens.length; n++) {
            for (int d = 0; d < hidden; d++) {
                tableGradient[tokens[n] * hidden + d] += outGradient[n * hidden + d];
            }
        }
    }
}
