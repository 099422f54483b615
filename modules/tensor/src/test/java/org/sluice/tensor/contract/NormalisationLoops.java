package org.sluice.tensor.contract;

/** {@link org.sluice.tensor.Normalisation} in plain loops. */
final class NormalisationLoops {
    private NormalisationLoops() {}

    static double[] inverseRms(double[] x, int size, double epsilon) {
        double[] inverse = new double[x.length / size];
        for (int row = 0; row < inverse.length; row++) {
            double squares = 0;
            for (int d = 0; d < size; d++) {
                squares += x[row * size + d] * x[row * size + d];
            }
            inverse[row] = 1 / Math.sqrt(squares / size + epsilon);
        }
        return inverse;
    }

    static double[] rmsNorm(double[] x, double[] weight, double epsilon) {
        int size = weight.length;
        double[] inverse = inverseRms(x, size, epsilon);
        double[] out = new double[x.length];
        for (int index = 0; index < x.length; index++) {
            out[index] = weight[index % size] * x[index] * inverse[index / size];
        }
        return out;
    }

    /** The gradient of {@code x}; that of the weight is added to {@code weightGradient}. */
    static double[] rmsNormBackward(
            double[] outGradient, double[] x, double[] weight, double epsilon, double[] weightGradient) {
        int size = weight.length;
        double[] inverse = inverseRms(x, size, epsilon);
        double[] xGradient = new double[x.length];
        for (int row = 0; row < inverse.length; row++) {
            double r = inverse[row];
            double mean = 0;
            for (int d = 0; d < size; d++) {
                mean += outGradient[row * size + d] * weight[d] * x[row * size + d] / size;
            }
            for (int d = 0; d < size; d++) {
                int index = row * size + d;
                xGradient[index] = r * (outGradient[index] * weight[d] - x[index] * r * r * mean);
                weightGradient[d] += outGradient[index] * x[index] * r;
            }
        }
        return xGradient;
    }

    /** Turns each head's vector {@code [B, T, H, E]} by its time's angles; {@code direction} is 1, or -1 to turn back. */
    static double[] rotate(
            double[] y, double[] cosine, double[] sine, int time, int heads, int headDim, int direction) {
        int half = headDim / 2;
        double[] out = new double[y.length];
        for (int vector = 0; vector < y.length / headDim; vector++) {
            int t = vector / heads % time;
            for (int i = 0; i < half; i++) {
                double first = y[vector * headDim + i];
                double second = y[vector * headDim + i + half];
                double cos = cosine[t * half + i];
                double sin = direction * sine[t * half + i];
                out[vector * headDim + i] = first * cos - second * sin;
                out[vector * headDim + i + half] = second * cos + first * sin;
            }
        }
        return out;
    }

    /** NaN stays NaN, as {@link Math#min} and {@link Math#max} have it. */
    static double[] clip(double[] x, double bound) {
        double[] out = new double[x.length];
        for (int index = 0; index < x.length; index++) {
            out[index] = Math.max(-bound, Math.min(bound, x[index]));
        }
        return out;
    }

    /** @param clipped what {@link #clip} gave */
    static double[] clipBackward(double[] clipped, double bound, double[] gradient) {
        double[] result = new double[clipped.length];
        for (int index = 0; index < clipped.length; index++) {
            boolean atBound = clipped[index] == bound || clipped[index] == -bound;
            result[index] = atBound ? 0 : gradient[index];
        }
        return result;
    }
}
