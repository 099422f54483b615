package org.sluice.tensor.contract;

import java.util.Arrays;

/**
 * The router of {@link org.sluice.tensor.Mixture} in plain loops.
 *
 * @param expertCount {@code X}
 * @param chosen {@code k}
 * @param normalised whether the weights of a row add up to 1
 */
record RouterLoops(int expertCount, int chosen, boolean normalised) {

    /** What {@link org.sluice.tensor.Mixture#route} writes. */
    record Routing(
            double[] probabilities, double[] logSumExp, int[] experts, double[] weights, int[] places, int[] offsets) {

        /** The permuted rows that an expert has; those behind are unused. */
        int usedRows() {
            return offsets[offsets.length - 1];
        }
    }

    Routing route(double[] logits, int[] routed) {
        int rows = routed.length;
        double[] probabilities = new double[rows * expertCount];
        double[] logSumExp = new double[rows];
        int[] experts = new int[rows * chosen];
        double[] weights = new double[rows * chosen];
        for (int n = 0; n < rows; n++) {
            if (routed[n] == 1) {
                logSumExp[n] = softmax(logits, n, probabilities);
                choose(logits, n, experts);
                weigh(probabilities, n, experts, weights);
            } else {
                Arrays.fill(experts, n * chosen, (n + 1) * chosen, -1);
            }
        }
        int[] offsets = new int[expertCount + 1];
        int[] places = places(experts, offsets);
        return new Routing(probabilities, logSumExp, experts, weights, places, offsets);
    }

    private double softmax(double[] logits, int n, double[] probabilities) {
        double maximum = Double.NEGATIVE_INFINITY;
        for (int x = 0; x < expertCount; x++) {
            maximum = Math.max(maximum, logits[n * expertCount + x]);
        }
        double sum = 0;
        for (int x = 0; x < expertCount; x++) {
            sum += Math.exp(logits[n * expertCount + x] - maximum);
        }
        for (int x = 0; x < expertCount; x++) {
            probabilities[n * expertCount + x] = Math.exp(logits[n * expertCount + x] - maximum) / sum;
        }
        return maximum + Math.log(sum);
    }

    private void choose(double[] logits, int n, int[] experts) {
        boolean[] taken = new boolean[expertCount];
        for (int j = 0; j < chosen; j++) {
            int best = -1;
            for (int x = 0; x < expertCount; x++) {
                boolean better = best < 0 || logits[n * expertCount + x] > logits[n * expertCount + best];
                if (!taken[x] && better) {
                    best = x;
                }
            }
            taken[best] = true;
            experts[n * chosen + j] = best;
        }
    }

    private void weigh(double[] probabilities, int n, int[] experts, double[] weights) {
        double sum = 0;
        for (int j = 0; j < chosen; j++) {
            weights[n * chosen + j] = probabilities[n * expertCount + experts[n * chosen + j]];
            sum += weights[n * chosen + j];
        }
        for (int j = 0; j < chosen && normalised; j++) {
            weights[n * chosen + j] /= sum;
        }
    }

    /** Goes through all choices once for each expert; writes {@code offsets}. */
    private int[] places(int[] experts, int[] offsets) {
        int[] places = new int[experts.length];
        Arrays.fill(places, -1);
        int next = 0;
        for (int x = 0; x < expertCount; x++) {
            offsets[x] = next;
            for (int choice = 0; choice < experts.length; choice++) {
                if (experts[choice] == x) {
                    places[choice] = next++;
                }
            }
        }
        offsets[expertCount] = next;
        return places;
    }

    double[] probabilitySums(double[] probabilities) {
        double[] sums = new double[expertCount];
        for (int index = 0; index < probabilities.length; index++) {
            sums[index % expertCount] += probabilities[index];
        }
        return sums;
    }

    static double squares(double[] logSumExp) {
        double sum = 0;
        for (double value : logSumExp) {
            sum += value * value;
        }
        return sum;
    }

    double[] routeBackward(double[] weightsGradient, Routing routing, double[] probabilityGradient, double zScale) {
        double[] logitsGradient = new double[routing.probabilities().length];
        for (int n = 0; n < routing.logSumExp().length; n++) {
            double[] dp = probabilityGradient.clone();
            addGradientOfWeights(weightsGradient, routing, n, dp);
            double mean = 0;
            for (int x = 0; x < expertCount; x++) {
                mean += routing.probabilities()[n * expertCount + x] * dp[x];
            }
            for (int x = 0; x < expertCount; x++) {
                double p = routing.probabilities()[n * expertCount + x];
                logitsGradient[n * expertCount + x] = p * (dp[x] - mean) + 2 * zScale * routing.logSumExp()[n] * p;
            }
        }
        return logitsGradient;
    }

    private void addGradientOfWeights(double[] weightsGradient, Routing routing, int n, double[] dp) {
        double along = 0;
        double sum = 0;
        for (int choice = n * chosen; choice < (n + 1) * chosen; choice++) {
            if (routing.experts()[choice] < 0) {
                return;
            }
            along += weightsGradient[choice] * routing.weights()[choice];
            sum += routing.probabilities()[n * expertCount + routing.experts()[choice]];
        }
        for (int choice = n * chosen; choice < (n + 1) * chosen; choice++) {
            double gradient = normalised ? (weightsGradient[choice] - along) / sum : weightsGradient[choice];
            dp[routing.experts()[choice]] += gradient;
        }
    }
}
