package org.sluice.backend.nd4j.cpu.kernel;

import static org.sluice.backend.nd4j.cpu.kernel.VectorMath.LANES;
import static org.sluice.backend.nd4j.cpu.kernel.VectorMath.SPECIES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The element-by-element steps of attention on a tile of scores {@code [keys, QUERIES]}. Queries lie along vectors, so that the
 * statistics of a query are one lane's, and nothing is ever summed over lanes.
 */
public final class AttentionKernels {
    /** Queries of a tile, which lie along vectors; a multiple of a vector's length. */
    public static final int QUERIES = 64;

    /** Keys of a tile. */
    public static final int KEYS = 64;

    /** Where running maxima begin: finite, so that a tile in which a query sees no key does not give NaN. */
    public static final float LEAST = -Float.MAX_VALUE;

    private AttentionKernels() {}

    /**
     * Sets the scores of keys that a query does not see to minus infinity.
     *
     * @param visible where time 0 of the sequence would be in {@code firstVisible}
     * @param firstQuery the time of the tile's first query
     * @param queries how many there are
     * @param firstKey the time of the tile's first key
     * @param keys how many rows are masked
     */
    public static void mask(
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
    public static boolean needsMask(
            int[] firstVisible, int visible, int firstQuery, int queries, int firstKey, int keys) {
        return firstKey + keys - 1 > firstQuery || firstVisible[visible + firstQuery + queries - 1] > firstKey;
    }

    /**
     * One tile of the running softmax: raises the maxima, turns scores into {@code exp(score - maximum)}, adds them to the sums, and
     * scales what was summed under the old maxima.
     *
     * @param width queries that are looked at, the first ones of the tile; a multiple of a vector's length
     * @param maxima of each query so far
     * @param sums of each query so far
     * @param weighted {@code [size, QUERIES]}, the values weighted so far
     * @param shrink room for a number of each query
     */
    public static void softmaxStep(
            float[] scores,
            int keys,
            int width,
            float[] maxima,
            float[] sums,
            float[] weighted,
            int size,
            float[] shrink) {
        raise(scores, keys, width, maxima, shrink);
        VectorMath.exp(shrink, 0, width, 1f);
        if (width == QUERIES) {
            VectorMath.exp(scores, 0, keys * QUERIES, 1f);
        } else {
            for (int row = 0; row < keys; row++) {
                VectorMath.exp(scores, row * QUERIES, width, 1f);
            }
        }
        addUp(scores, keys, width, sums, shrink);
        scale(weighted, size, width, shrink);
    }

    /** Raises the maxima, by {@code -change}, and subtracts them from the scores. */
    private static void raise(float[] scores, int keys, int width, float[] maxima, float[] change) {
        for (int lane = 0; lane < width; lane += LANES) {
            FloatVector before = FloatVector.fromArray(SPECIES, maxima, lane);
            FloatVector maximum = before;
            for (int at = lane; at < keys * QUERIES; at += QUERIES) {
                FloatVector score = FloatVector.fromArray(SPECIES, scores, at);
                maximum = score.blend(maximum, score.compare(VectorOperators.LE, maximum));
            }
            maximum.intoArray(maxima, lane);
            before.sub(maximum).intoArray(change, lane);
            for (int at = lane; at < keys * QUERIES; at += QUERIES) {
                FloatVector.fromArray(SPECIES, scores, at).sub(maximum).intoArray(scores, at);
            }
        }
    }

    /** {@code sums = sums * shrink + } the sum of the rows. */
    private static void addUp(float[] rows, int count, int width, float[] sums, float[] shrink) {
        for (int lane = 0; lane < width; lane += LANES) {
            FloatVector sum =
                    FloatVector.fromArray(SPECIES, sums, lane).mul(FloatVector.fromArray(SPECIES, shrink, lane));
            for (int at = lane; at < count * QUERIES; at += QUERIES) {
                sum = FloatVector.fromArray(SPECIES, rows, at).add(sum);
            }
            sum.intoArray(sums, lane);
        }
    }

    /** Multiplies each row by the factors, query by query. */
    private static void scale(float[] rows, int count, int width, float[] factors) {
        for (int lane = 0; lane < width; lane += LANES) {
            FloatVector factor = FloatVector.fromArray(SPECIES, factors, lane);
            for (int at = lane; at < count * QUERIES; at += QUERIES) {
                FloatVector.fromArray(SPECIES, rows, at).mul(factor).intoArray(rows, at);
            }
        }
    }

    /** {@code weighted /= sums}, query by query. */
    public static void normalise(float[] weighted, int size, int width, float[] sums) {
        for (int lane = 0; lane < width; lane += LANES) {
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
    public static void gradients(float[] scores, float[] gradients, int keys, float[] logSumExp, float[] delta) {
        subtract(scores, keys, logSumExp);
        VectorMath.exp(scores, 0, keys * QUERIES, 1f);
        subtract(gradients, keys, delta);
        GateKernels.multiply(gradients, 0, scores, 0, keys * QUERIES);
    }

    /** Subtracts the numbers from each row, query by query. */
    private static void subtract(float[] rows, int count, float[] numbers) {
        for (int lane = 0; lane < QUERIES; lane += LANES) {
            FloatVector number = FloatVector.fromArray(SPECIES, numbers, lane);
            for (int at = lane; at < count * QUERIES; at += QUERIES) {
                FloatVector.fromArray(SPECIES, rows, at).sub(number).intoArray(rows, at);
            }
        }
    }
}
