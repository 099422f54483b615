package org.sluice.tensor.contract;

/**
 * {@link org.sluice.tensor.Attention} in plain loops: every probability of every query, without tiles or running maxima.
 *
 * @param firstVisible {@code [B, T]}
 */
record AttentionLoops(int batch, int time, int heads, int kvHeads, int headDim, double scale, int[] firstVisible) {

    /** Where the vector of a query head begins in {@code [B, T, H, E]}. */
    private int queryAt(int b, int t, int h) {
        return ((b * time + t) * heads + h) * headDim;
    }

    /** Where the vector of the key/value head that query head {@code h} reads begins in {@code [B, T, K, E]}. */
    private int keyAt(int b, int t, int h) {
        return ((b * time + t) * kvHeads + h / (heads / kvHeads)) * headDim;
    }

    private int statisticAt(int b, int t, int h) {
        return (b * heads + h) * time + t;
    }

    private double dot(double[] left, int leftAt, double[] right, int rightAt) {
        double sum = 0;
        for (int e = 0; e < headDim; e++) {
            sum += left[leftAt + e] * right[rightAt + e];
        }
        return sum;
    }

    /** {@code L}, {@code [B, H, T]}. */
    double[] logSumExp(double[] query, double[] key) {
        double[] result = new double[batch * heads * time];
        for (int b = 0; b < batch; b++) {
            for (int h = 0; h < heads; h++) {
                for (int t = 0; t < time; t++) {
                    double largest = Double.NEGATIVE_INFINITY;
                    for (int j = firstVisible[b * time + t]; j <= t; j++) {
                        largest = Math.max(largest, score(query, key, b, t, j, h));
                    }
                    double sum = 0;
                    for (int j = firstVisible[b * time + t]; j <= t; j++) {
                        sum += Math.exp(score(query, key, b, t, j, h) - largest);
                    }
                    result[statisticAt(b, t, h)] = largest + Math.log(sum);
                }
            }
        }
        return result;
    }

    private double score(double[] query, double[] key, int b, int t, int j, int h) {
        return scale * dot(query, queryAt(b, t, h), key, keyAt(b, j, h));
    }

    /** What to do with one probability. */
    private interface ProbabilityVisitor {
        void visit(int b, int t, int j, int h, double probability);
    }

    private void probabilities(double[] query, double[] key, ProbabilityVisitor visitor) {
        double[] logSumExp = logSumExp(query, key);
        for (int b = 0; b < batch; b++) {
            for (int h = 0; h < heads; h++) {
                for (int t = 0; t < time; t++) {
                    for (int j = firstVisible[b * time + t]; j <= t; j++) {
                        double probability = Math.exp(score(query, key, b, t, j, h) - logSumExp[statisticAt(b, t, h)]);
                        visitor.visit(b, t, j, h, probability);
                    }
                }
            }
        }
    }

    double[] forward(double[] query, double[] key, double[] value) {
        double[] out = new double[query.length];
        probabilities(query, key, (b, t, j, h, p) -> {
            for (int e = 0; e < headDim; e++) {
                out[queryAt(b, t, h) + e] += p * value[keyAt(b, j, h) + e];
            }
        });
        return out;
    }

    /** {@code delta}, {@code [B, H, T]}. */
    double[] outputDot(double[] outGradient, double[] out) {
        double[] delta = new double[batch * heads * time];
        for (int b = 0; b < batch; b++) {
            for (int h = 0; h < heads; h++) {
                for (int t = 0; t < time; t++) {
                    delta[statisticAt(b, t, h)] = dot(outGradient, queryAt(b, t, h), out, queryAt(b, t, h));
                }
            }
        }
        return delta;
    }

    /** The gradients of query, key and value. */
    record Gradients(double[] query, double[] key, double[] value) {}

    Gradients backward(double[] outGradient, double[] delta, double[] query, double[] key, double[] value) {
        Gradients gradients = new Gradients(new double[query.length], new double[key.length], new double[value.length]);
        probabilities(query, key, (b, t, j, h, p) -> {
            int q = queryAt(b, t, h);
            int k = keyAt(b, j, h);
            double scoreGradient = p * (dot(outGradient, q, value, k) - delta[statisticAt(b, t, h)]);
            for (int e = 0; e < headDim; e++) {
                gradients.query[q + e] += scale * scoreGradient * key[k + e];
                gradients.key[k + e] += scale * scoreGradient * query[q + e];
                gradients.value[k + e] += p * outGradient[q + e];
            }
        });
        return gradients;
    }

    double[] firstTokenProbability(double[] query, double[] key) {
        double[] sums = new double[heads];
        probabilities(query, key, (b, t, j, h, p) -> {
            if (j == firstVisible[b * time + t]) {
                sums[h] += p;
            }
        });
        return sums;
    }
}
