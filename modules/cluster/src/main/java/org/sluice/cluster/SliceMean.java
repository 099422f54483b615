package org.sluice.cluster;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * The mean of what the workers sent of a slice, weighted by the targets that they trained on; the plain mean if nobody had any. The values of
 * an expert are weighted by the rows that each worker routed to it, unless nobody routed any.
 *
 * <p>It is computed in double precision, and always in the order of the workers. The mean of one worker's values is those values, bit for
 * bit: the product of a float and a weight below 2^29 is exact in double precision, and the sum starts from the first term, so that even a
 * negative zero stays one.
 */
final class SliceMean {
    private final WireCodec codec;
    private final List<Contribution> contributions;
    private final List<Part> parts = new ArrayList<>();
    private final float[] decoded = new float[WireCodec.TILE];

    /** The weight of each contribution, and the sum of all. */
    private record Weights(double[] ofContributions, double total) {
        static Weights of(List<Contribution> contributions, ToLongFunction<Contribution> weight) {
            double[] weights =
                    contributions.stream().mapToDouble(weight::applyAsLong).toArray();
            return new Weights(weights, Arrays.stream(weights).sum());
        }

        /** These, or others if they are all 0. */
        Weights or(Weights others) {
            return total == 0 ? others : this;
        }
    }

    /** A part of the slice in which the weights are the same. */
    private record Part(int from, int to, Weights weights) {}

    /**
     * @param codec of the values
     * @param contributions in the order of the workers, all of the same slice
     * @param elements of the slice
     */
    SliceMean(WireCodec codec, List<Contribution> contributions, int elements) {
        this.codec = codec;
        this.contributions = contributions;
        Weights targets = Weights.of(contributions, Contribution::targets)
                .or(Weights.of(
                        contributions, contribution -> contribution.workers().size()));
        int runs = contributions.get(0).experts().size();
        int done = 0;
        for (int at = 0; at < runs; at++) {
            int index = at;
            ExpertRun run = contributions.get(0).experts().get(at);
            addPart(done, run.from(), targets);
            Weights rows = Weights.of(
                    contributions,
                    contribution -> contribution.experts().get(index).rows());
            addPart(run.from(), run.to(), rows.or(targets));
            done = run.to();
        }
        addPart(done, elements, targets);
    }

    private void addPart(int from, int to, Weights weights) {
        if (from < to) {
            parts.add(new Part(from, to, weights));
        }
    }

    /**
     * The mean of some elements.
     *
     * @param first the first element, a multiple of {@link WireCodec#BLOCK}
     * @param count how many, at most a {@link WireCodec#TILE}
     */
    void read(int first, int count, double[] mean) {
        for (int at = 0; at < contributions.size(); at++) {
            codec.decode(contributions.get(at).values(), first, decoded, count);
            for (Part part : parts) {
                add(part, at, first, count, mean);
            }
        }
        for (Part part : parts) {
            int to = Math.min(part.to() - first, count);
            divide(mean, Math.max(0, part.from() - first), to, part.weights().total());
        }
    }

    private void add(Part part, int contribution, int first, int count, double[] sums) {
        double weight = part.weights().ofContributions()[contribution];
        int from = Math.max(0, part.from() - first);
        int to = Math.min(part.to() - first, count);
        if (contribution == 0) {
            multiply(decoded, from, to, weight, sums);
        } else {
            multiplyAndAdd(decoded, from, to, weight, sums);
        }
    }

    private static void multiply(float[] values, int from, int to, double weight, double[] sums) {
        for (int at = from; at < to; at++) {
            sums[at] = weight * values[at];
        }
    }

    private static void multiplyAndAdd(float[] values, int from, int to, double weight, double[] sums) {
        for (int at = from; at < to; at++) {
            sums[at] += weight * values[at];
        }
    }

    private static void divide(double[] sums, int from, int to, double total) {
        for (int at = from; at < to; at++) {
            sums[at] /= total;
        }
    }
}
