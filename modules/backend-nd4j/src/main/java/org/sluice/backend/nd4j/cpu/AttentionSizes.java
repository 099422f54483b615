package org.sluice.backend.nd4j.cpu;

import static org.sluice.backend.nd4j.cpu.kernel.AttentionKernels.QUERIES;

import java.util.Arrays;
import org.sluice.backend.nd4j.HostView;
import org.sluice.backend.nd4j.cpu.kernel.VectorMath;
import org.sluice.tensor.Tensor;

/**
 * The sizes of an attention call, and its way between memory and tiles.
 *
 * @param time queries of a sequence
 * @param firstTime the time of the first query
 * @param keys keys of a sequence, of times 0 to {@code keys - 1}; a query sees none behind its own time
 * @param capacity places for keys of a sequence in memory, of which the first {@code keys} are read
 * @param group query heads that read one key/value head
 * @param headDim {@code E}
 * @param stride {@code E} up to whole vectors: what a head's vector takes in a tile
 */
record AttentionSizes(
        int batch,
        int time,
        int firstTime,
        int keys,
        int capacity,
        int heads,
        int kvHeads,
        int group,
        int headDim,
        int stride) {
    /** Of queries that have a key each. */
    static AttentionSizes of(Tensor query, Tensor key) {
        return of(query, key, 0);
    }

    /** Of queries behind {@code firstTime} others, with a cache of keys. */
    static AttentionSizes of(Tensor query, Tensor keys, int firstTime) {
        int time = Host.dimension(query, 1);
        int heads = Host.dimension(query, 2);
        int kvHeads = Host.dimension(keys, 2);
        int headDim = Host.dimension(query, 3);
        return new AttentionSizes(
                Host.dimension(query, 0),
                time,
                firstTime,
                firstTime + time,
                Host.dimension(keys, 1),
                heads,
                kvHeads,
                heads / kvHeads,
                headDim,
                VectorMath.padded(headDim));
    }

    /**
     * The same for a single query of each head, with the heads that read one key/value head side by side as the queries of one sequence:
     * that is how they lie in memory, and they share their keys. As all keys are those that they see, it does not matter that all but the
     * first now count as later ones.
     */
    AttentionSizes headsAsQueries() {
        return new AttentionSizes(batch * kvHeads, group, firstTime, keys, capacity, 1, kvHeads, 1, headDim, stride);
    }

    /** Floats for the vectors of all keys of a head, up to a multiple of 4 of them, which the tile product may touch. */
    int keyFloats() {
        return Math.multiplyExact(roundedUp(keys), stride);
    }

    /** Floats for a tile of queries, a row each. */
    int queryFloats() {
        return QUERIES * stride;
    }

    /** Floats for a tile of queries, a column each. */
    int transposedFloats() {
        return roundedUp(headDim) * QUERIES;
    }

    static int roundedUp(int count) {
        return (count + 3) & -4;
    }

    /**
     * The keys that are multiplied at once in a tile: all of them, or, where the diagonal crosses the tile, as many as a vector has
     * lanes, since keys further down are seen by ever fewer queries.
     *
     * @param firstQuery the time of the tile's first query
     * @param firstKey the time of the tile's first key
     * @param keys how many there are
     */
    static int stripHeight(int firstQuery, int firstKey, int keys) {
        return firstKey + keys - 1 > firstQuery ? VectorMath.LANES : keys;
    }

    /** Where, among the queries of a tile, the first vector begins in which some query sees the key or one behind it. */
    static int firstLane(int firstQuery, int key) {
        return Math.max(0, key - firstQuery) / VectorMath.LANES * VectorMath.LANES;
    }

    /** Loads all vectors of the key or value head that a query head reads; the gaps, and the rows behind the last, are 0. */
    void loadKeysOf(int sequence, int head, HostView source, float[] rows) {
        int kvHead = (sequence * heads + head) / group;
        loadKeys(source, kvHead / kvHeads, kvHead % kvHeads, rows);
    }

    /** Loads all vectors of one key or value head. */
    void loadKeys(HostView source, int sequence, int kvHead, float[] rows) {
        for (int t = 0; t < keys; t++) {
            source.get((((long) sequence * capacity + t) * kvHeads + kvHead) * headDim, rows, t * stride, headDim);
            Arrays.fill(rows, t * stride + headDim, (t + 1) * stride, 0f);
        }
        Arrays.fill(rows, keys * stride, keyFloats(), 0f);
    }

    void storeKeys(float[] rows, HostView target, int sequence, int kvHead) {
        for (int t = 0; t < keys; t++) {
            target.put((((long) sequence * capacity + t) * kvHeads + kvHead) * headDim, rows, t * stride, headDim);
        }
    }

    /** Loads {@code count} query vectors of a head from query {@code from} on; the gaps, and the rows behind the last, are 0. */
    void loadQueries(HostView source, int sequence, int head, int from, int count, float[] rows) {
        for (int i = 0; i < count; i++) {
            source.get((((long) sequence * time + from + i) * heads + head) * headDim, rows, i * stride, headDim);
            Arrays.fill(rows, i * stride + headDim, (i + 1) * stride, 0f);
        }
        Arrays.fill(rows, count * stride, queryFloats(), 0f);
    }

    void storeQueries(float[] rows, HostView target, int sequence, int head, int from, int count) {
        for (int i = 0; i < count; i++) {
            target.put((((long) sequence * time + from + i) * heads + head) * headDim, rows, i * stride, headDim);
        }
    }

    /** The place of the number of query {@code from} in {@code [B, H, T]}. */
    long perQuery(int sequence, int head, int from) {
        return ((long) sequence * heads + head) * time + from;
    }

    /** Turns the first rows into columns: {@code columns[e][i] = rows[i][e]}. */
    void transpose(float[] rows, float[] columns, int count) {
        for (int i = 0; i < count; i++) {
            for (int e = 0; e < headDim; e++) {
                columns[e * QUERIES + i] = rows[i * stride + e];
            }
        }
    }
}
