package org.sluice.backend.nd4j.reference;

import java.util.Comparator;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.sluice.tensor.MixtureChecks;

/** The steps of a mixture's router. Rows that are not routed are known by their experts, which are -1. */
final class ReferenceRouter {
    private ReferenceRouter() {}

    /** Writes the {@code k} experts with the largest logits. */
    static void choose(INDArray logits, INDArray routed, INDArray experts) {
        for (int n = 0; n < logits.rows(); n++) {
            MixtureChecks.requireRouted("route", n, routed.getInt(n));
        }
        experts.assign(-1);
        for (int n = 0; n < logits.rows(); n++) {
            if (routed.getInt(n) == 1) {
                int[] best = largest(logits.getRow(n).dup().data().asDouble(), experts.columns());
                for (int j = 0; j < best.length; j++) {
                    experts.putScalar(n, j, best[j]);
                }
            }
        }
    }

    private static int[] largest(double[] logits, int count) {
        // The sort is stable, so that of equal logits the first stays first; 0 - z makes one zero of two.
        return IntStream.range(0, logits.length)
                .boxed()
                .sorted(Comparator.comparingDouble(x -> 0 - logits[x]))
                .limit(count)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    static void softmax(INDArray logits, INDArray routed, INDArray probabilities, INDArray logSumExp) {
        INDArray largest = logits.max(1);
        INDArray exponentials = Transforms.exp(logits.subColumnVector(largest.reshape(logits.rows(), 1)));
        INDArray sums = exponentials.sum(1);
        probabilities.assign(exponentials.diviColumnVector(sums.reshape(logits.rows(), 1)));
        logSumExp.assign(Transforms.log(sums).addi(largest));
        for (int n = 0; n < routed.length(); n++) {
            if (routed.getInt(n) == 0) {
                probabilities.getRow(n).assign(0);
                logSumExp.putScalar(n, 0);
            }
        }
    }

    static void weigh(INDArray probabilities, INDArray experts, boolean normalised, INDArray weights) {
        weights.assign(0);
        for (int n = 0; n < experts.rows(); n++) {
            double sum = normalised ? chosenProbability(probabilities, experts, n) : 1;
            for (int j = 0; j < experts.columns(); j++) {
                if (experts.getInt(n, j) >= 0) {
                    weights.putScalar(n, j, probabilities.getDouble(n, experts.getInt(n, j)) / sum);
                }
            }
        }
    }

    private static double chosenProbability(INDArray probabilities, INDArray experts, int n) {
        double sum = 0;
        for (int j = 0; j < experts.columns(); j++) {
            int expert = experts.getInt(n, j);
            sum += expert < 0 ? 0 : probabilities.getDouble(n, expert);
        }
        return sum;
    }

    /** Counts the choices of each expert, and gives each choice the next row of its expert. */
    static void place(INDArray experts, INDArray places, INDArray offsets) {
        int[] starts = new int[(int) offsets.length()];
        for (int expert : experts.dup().data().asInt()) {
            for (int x = expert + 1; expert >= 0 && x < starts.length; x++) {
                starts[x]++;
            }
        }
        for (int x = 0; x < starts.length; x++) {
            offsets.putScalar(x, starts[x]);
        }
        for (int n = 0; n < experts.rows(); n++) {
            for (int j = 0; j < experts.columns(); j++) {
                int expert = experts.getInt(n, j);
                places.putScalar(n, j, expert < 0 ? -1 : starts[expert]++);
            }
        }
    }

    /** Adds what reaches the chosen experts' probabilities through the weights to {@code dp}. */
    static void addGradientOfWeights(
            INDArray weightsGradient,
            INDArray probabilities,
            INDArray experts,
            INDArray weights,
            boolean normalised,
            INDArray dp) {
        int[] choices = experts.dup().data().asInt();
        for (int choice = 0; choice < choices.length; choice++) {
            MixtureChecks.requireExpert("routeBackward", choice, choices[choice], probabilities.columns());
        }
        for (int n = 0; n < experts.rows(); n++) {
            double along = normalised
                    ? weightsGradient
                            .getRow(n)
                            .mul(weights.getRow(n))
                            .sumNumber()
                            .doubleValue()
                    : 0;
            double sum = normalised ? chosenProbability(probabilities, experts, n) : 1;
            for (int j = 0; j < experts.columns(); j++) {
                int expert = experts.getInt(n, j);
                if (expert >= 0) {
                    double gradient = (weightsGradient.getDouble(n, j) - along) / sum;
                    dp.putScalar(n, expert, dp.getDouble(n, expert) + gradient);
                }
            }
        }
    }
}
