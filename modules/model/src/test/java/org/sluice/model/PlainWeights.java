package org.sluice.model;

import java.util.Arrays;

/** A model's parameters by name, and what is computed with one alone: plain loops over activations {@code [token][value]}. */
final class PlainWeights {
    private final ParameterLayout layout;
    private final double[] parameters;
    private final double normEpsilon;

    /** @param parameters the flat space; changes to it show in the next call */
    PlainWeights(ParameterLayout layout, double[] parameters, double normEpsilon) {
        this.layout = layout;
        this.parameters = parameters;
        this.normEpsilon = normEpsilon;
    }

    double[] named(String name) {
        Parameter parameter = layout.named(name);
        return Arrays.copyOfRange(parameters, (int) parameter.offset(), (int) parameter.end());
    }

    /** {@code x W^T} for a weight {@code [out, in]}. */
    double[][] project(double[][] x, String name) {
        int rows = (int) layout.named(name).shape().dimension(0);
        double[][] out = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            out[t] = product(name, 0, rows, x[t]);
        }
        return out;
    }

    /** The product of some rows of a weight, each as long as {@code x}, with {@code x}. */
    double[] product(String name, int fromRow, int rows, double[] x) {
        int offset = (int) layout.named(name).offset() + fromRow * x.length;
        double[] out = new double[rows];
        for (int o = 0; o < rows; o++) {
            for (int i = 0; i < x.length; i++) {
                out[o] += parameters[offset + o * x.length + i] * x[i];
            }
        }
        return out;
    }

    /** RMSNorm of each row. */
    double[][] normalised(double[][] x, String name) {
        double[] weight = named(name);
        double[][] out = new double[x.length][weight.length];
        for (int t = 0; t < x.length; t++) {
            double meanSquare = 0;
            for (double value : x[t]) {
                meanSquare += value * value / weight.length;
            }
            for (int i = 0; i < weight.length; i++) {
                out[t][i] = weight[i] * x[t][i] / Math.sqrt(meanSquare + normEpsilon);
            }
        }
        return out;
    }

    /** RMSNorm of each of the heads that lie side by side in a row. */
    double[][] normalisedHeads(double[][] x, int heads, String name) {
        double[][] out = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            int headDim = x[t].length / heads;
            out[t] = new double[x[t].length];
            for (int head = 0; head < heads; head++) {
                double[] one = Arrays.copyOfRange(x[t], head * headDim, (head + 1) * headDim);
                System.arraycopy(normalised(new double[][] {one}, name)[0], 0, out[t], head * headDim, headDim);
            }
        }
        return out;
    }

    static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /** {@code log sum exp(x[i])} for {@code i} from {@code from} on. */
    static double logSumExp(double[] x, int from) {
        double max = Double.NEGATIVE_INFINITY;
        for (int i = from; i < x.length; i++) {
            max = Math.max(max, x[i]);
        }
        double sum = 0;
        for (int i = from; i < x.length; i++) {
            sum += Math.exp(x[i] - max);
        }
        return max + Math.log(sum);
    }
}
