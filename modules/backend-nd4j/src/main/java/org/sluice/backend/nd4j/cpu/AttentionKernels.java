package org.sluice.backend.nd4j.cpu;

import static org.sluice.backend.nd4j.cpu.AttentionSizes.QUERIES;
import static org.sluice.backend.nd4j.cpu.VectorMath.LANES;
import static org.sluice.backend.nd4j.cpu.VectorMath.SPECIES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The element-by-element steps of attention on a tile of scores {@code [keys, QUERIES]}. Queries lie along vectors, so that the
 * statistics of a query are one lane's, and nothing is ever summed over lanes.
 */
final class AttentionKernels {
    /** Where running maxima begin: finite, so that a tile in which a query sees no key does not give NaN. */
    static final float LEAST = -Float.MAX_VALUE;

    private AttentionKernels() {}

    /**
     * Sets the scores of keys that a query does not see to minus infinity.
     *
     * @param visible where the sequence begins in {@code firstVisible}
     * @param firstQuery the time of the tile's first query
     * @param queries how many there are
     * @param firstKey the time of the tile's first key
     * @param keys how many rows are masked
     */
    static void mask(
            float[] scores, int[] firstVisible, int visible, int firstQuery, int queries, int firstKey, int keys) {
        int seeing = 0;
        for (int row = 0; row < keys; row++) {
            int key = firstKey + row;
            // Firsts never decrease: the queries that begin at this key or before it are the first ones of the tile.
            while (seeing < queries && firstVisible[visible + firstQuery + seeing] <= key) {
                seeing++;
            }
            int at = row * QUERIES;
            int before = Math.min(queries, Math.max(0, key - firstQuery));
            Arrays.fill(scores, at, at + before, Float.NEGATIVE_INFINITY);
            Arrays.fill(scores, at + Math.max(before, seeing), at + queries, Float.NEGATIVE_INFINITY);
        }
    }

    /** Whether some query of the tile does not see some key of it. */
    static boolean needsMask(int[] firstVisible, int visible, int firstQuery, int queries, int firstKey, int keys) {
        return firstKey + keys - 1 > firstQuery || firstVisible[visible + firstQuery + queries - 1] > firstKey;
    }

    /**
     * One tile of the running softmax: raises the maxima, turns scores into {@code exp(score - maximum)}, adds them to the sums, and
     * scales what was summed under the old maxima.
     *
     * @param maxima of each query so far
     * @param sums of each query so far
     * @param weighted {@code [size, QUERIES]}, the values weighted so far
     */
    static void softmaxStep(float[] scores, int keys, float[] maxima, float[] sums, float[] weighted, int size) {
        for (int lane = 0; lane < QUERIES; lane += LANES) {
            FloatVector before = FloatVector.fromArray(SPECIES, maxima, lane);
            FloatVector maximum = before;
            for (int at = lane; at < keys * QUERIES; at += QUERIES) {
                FloatVector score = FloatVector.fromArray(SPECIES, scores, at);
                maximum = maximum.blend(score, score.compare(VectorOperators.GT, maximum));
            }
            FloatVector shrink = VectorMath.exp(before.sub(maximum));
            FloatVector sum = FloatVector.fromArray(SPECIES, sums, lane).mul(shrink);
            for (int at = lane; at < keys * QUERIES; at += QUERIES) {
                FloatVector p = VectorMath.exp(
                        FloatVector.fromArray(SPECIES, scores, at).sub(maximum));
                p.intoArray(scores, at);
                sum = sum.add(p);
            }
            maximum.intoArray(maxima, lane);
            sum.intoArray(sums, lane);
            for (int at = lane; at < size * QUERIES; at += QUERIES) {
                FloatVector.fromArray(SPECIES, weighted, at).mul(shrink).intoArray(weighted, at);
            }
        }
    }

    /** {@code weighted /= sums}, query by query. */
    static void normalise(float[] weighted, int size, float[] sums) {
        for (int lane = 0; lane < QUERIES; lane += LANES) {
            FloatVector factor = FloatVector.broadcast(SPECIES, 1f).div(FloatVector.fromArray(SPECIES, sums, lane));
            for (int at = lane; at < size * QUERIES; at += QUERIES) {
                FloatVector.fromArray(SPECIES, weighted, at).mul(factor).intoArray(weighted, at);
            }
        }
    }

    /**
     * Turns scores into probabilities {@code p = exp(score - logSumExp)}, and the gradients of probabilities into those of scores:
     * {@code p * (gradient - delta)}.
     */
    static void gradients(float[] scores, float[] gradients, int keys, float[] logSumExp, float[] delta) {
        for (int lane = 0; lane < QUERIES; lane += LANES) {
            FloatVector total = FloatVector.fromArray(SPECIES, logSumExp, lane);
            FloatVector shift = FloatVector.fromArray(SPECIES, delta, lane);
            for (int at = lane; at < keys * QUERIES; at += QUERIES) {
                FloatVector p = VectorMath.exp(
                        FloatVector.fromArray(SPECIES, scores, at).sub(total));
                p.intoArray(scores, at);
                FloatVector.fromArray(SPECIES, gradients, at).sub(shift).mul(p).intoArray(gradients, at);
            }
        }
    }
}
