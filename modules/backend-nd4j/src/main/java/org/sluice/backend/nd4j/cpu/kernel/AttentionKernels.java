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

    /** Scores may exceed what they are measured from by so much: exponentials up to 3000 are as exact as those up to 1. */
    private static final float SLACK = 8;

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
     * {@code maxima = max(maxima, scores)}, query by query.
     *
     * @param from the first row
     * @param rows how many there are
     * @param lane the first query; a multiple of a vector's length, as is {@code width}
     * @param width the query behind the last
     */
    public static void raise(float[] scores, int from, int rows, int lane, int width, float[] maxima) {
        int end = (from + rows) * QUERIES;
        for (int query = lane; query < width; query += LANES) {
            // Two chains of comparisons, since each waits for the one before.
            FloatVector even = FloatVector.fromArray(SPECIES, maxima, query);
            FloatVector odd = even;
            int at = from * QUERIES + query;
            for (; at + QUERIES < end; at += 2 * QUERIES) {
                FloatVector first = FloatVector.fromArray(SPECIES, scores, at);
                FloatVector second = FloatVector.fromArray(SPECIES, scores, at + QUERIES);
                even = first.blend(even, first.compare(VectorOperators.LE, even));
                odd = second.blend(odd, second.compare(VectorOperators.LE, odd));
            }
            if (at < end) {
                FloatVector last = FloatVector.fromArray(SPECIES, scores, at);
                even = last.blend(even, last.compare(VectorOperators.LE, even));
            }
            odd.intoArray(maxima, query);
            FloatVector other = FloatVector.fromArray(SPECIES, maxima, query);
            other.blend(even, other.compare(VectorOperators.LE, even)).intoArray(maxima, query);
        }
    }

    /**
     * Chooses anew what the scores of a query are measured from, where they are too far above it, or where these are the first that the
     * query sees. That is not their running maximum: a query's sums need not be scaled whenever a tile raises it a little.
     *
     * @param maxima of the tile's scores, as measured now; minus infinity where the query sees none of them
     * @param sums of each query so far; 0 if it has seen no key
     * @param negatives minus what scores are measured from; lowered where it is chosen anew
     * @param shifts what the tile's scores are to be raised by, at most 0 but for a query's first keys
     * @param factors what the query's sums are to be multiplied by
     * @return whether any was chosen anew; if not, {@code shifts} and {@code factors} have not been written
     */
    public static boolean measureAnew(
            float[] maxima, float[] sums, float[] negatives, float[] shifts, float[] factors, int width) {
        boolean anew = false;
        for (int query = 0; query < width; query++) {
            anew |= isAnew(maxima[query], sums[query]);
        }
        if (anew) {
            for (int query = 0; query < width; query++) {
                shifts[query] = isAnew(maxima[query], sums[query]) ? -maxima[query] : 0;
                factors[query] = sums[query] == 0 ? 0 : shifts[query];
                negatives[query] += shifts[query];
            }
            VectorMath.exp(factors, 0, width, 1f);
        }
        return anew;
    }

    private static boolean isAnew(float maximum, float sum) {
        return maximum > SLACK || (sum == 0 && maximum > Float.NEGATIVE_INFINITY);
    }

    /** Adds the numbers to each row, query by query. */
    public static void addToRows(float[] rows, int from, int count, int lane, int width, float[] numbers) {
        for (int query = lane; query < width; query += LANES) {
            FloatVector number = FloatVector.fromArray(SPECIES, numbers, query);
            for (int at = from * QUERIES + query; at < (from + count) * QUERIES; at += QUERIES) {
                FloatVector.fromArray(SPECIES, rows, at).add(number).intoArray(rows, at);
            }
        }
    }

    /** {@code scores = exp(scores)}. */
    public static void exponentials(float[] scores, int from, int rows, int lane, int width) {
        if (lane == 0 && width == QUERIES) {
            VectorMath.exp(scores, from * QUERIES, rows * QUERIES, 1f);
        } else {
            for (int row = from; row < from + rows; row++) {
                VectorMath.exp(scores, row * QUERIES + lane, width - lane, 1f);
            }
        }
    }

    /** {@code sums += } the sum of the rows, query by query. */
    public static void addUp(float[] scores, int from, int rows, int lane, int width, float[] sums) {
        for (int query = lane; query < width; query += LANES) {
            FloatVector sum = FloatVector.fromArray(SPECIES, sums, query);
            for (int at = from * QUERIES + query; at < (from + rows) * QUERIES; at += QUERIES) {
                sum = FloatVector.fromArray(SPECIES, scores, at).add(sum);
            }
            sum.intoArray(sums, query);
        }
    }

    /** Multiplies each query's vector, a row of {@code stride} floats, by its factor. */
    public static void scaleVectors(float[] vectors, int count, int stride, float[] factors) {
        for (int query = 0; query < count; query++) {
            GateKernels.scale(vectors, query * stride, stride, factors[query]);
        }
    }

    /** {@code gradients *= scores}. */
    public static void multiply(float[] gradients, float[] scores, int from, int rows, int lane) {
        for (int row = from; row < from + rows; row++) {
            GateKernels.multiply(gradients, row * QUERIES + lane, scores, row * QUERIES + lane, QUERIES - lane);
        }
    }
}
