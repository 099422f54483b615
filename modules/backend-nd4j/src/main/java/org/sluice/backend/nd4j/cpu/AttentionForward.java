package org.sluice.backend.nd4j.cpu;

import static org.sluice.backend.nd4j.cpu.AttentionSizes.KEYS;
import static org.sluice.backend.nd4j.cpu.AttentionSizes.QUERIES;

import java.util.Arrays;
import org.sluice.backend.nd4j.HostView;

/**
 * The forward of causal attention for one query head of one sequence, tile by tile (Dao et al. 2022, arXiv 2205.14135).
 *
 * <p>Scores are computed as {@code [keys, queries]}: keys and values are then read as they lie, and only the queries and the result are
 * transposed, once a tile. Tiles behind the diagonal, or wholly before the document of their first query, are never touched. The floor
 * is {@code 4 E} operations for each pair of a query and a key that it sees.
 *
 * <p>A single query behind a cache, as in the generation of text, has another floor: keys and values are read once, {@code 8 E} bytes
 * a key. As queries lie along vectors, its products take the time of a whole vector of queries, and its softmax that of a whole tile;
 * and each query head loads its keys anew. A key takes some 50 ns so, several times the floor; but of a model's token this is the small
 * part, the weights being the large one, until contexts are thousands of tokens long. A kernel of its own would be the same formulas again.
 */
record AttentionForward(
        AttentionSizes sizes,
        HostView query,
        HostView key,
        HostView value,
        int[] firstVisible,
        float scale,
        HostView out,
        HostView logSumExp) {

    void run(int sequence, int head, Scratch scratch) {
        float[] keys = scratch.floats(0, sizes.keyFloats());
        float[] values = scratch.floats(1, sizes.keyFloats());
        sizes.loadKeys(key, sequence, head / sizes.group(), keys);
        sizes.loadKeys(value, sequence, head / sizes.group(), values);
        for (int from = sizes.firstTime(); from < sizes.keys(); from += QUERIES) {
            int count = Math.min(QUERIES, sizes.keys() - from);
            tile(sequence, head, from, count, keys, values, scratch);
        }
    }

    /** @param from the time of the tile's first query */
    private void tile(int sequence, int head, int from, int count, float[] keys, float[] values, Scratch scratch) {
        int size = sizes.headDim();
        int width = VectorMath.padded(count);
        int firstQuery = from - sizes.firstTime();
        int stride = sizes.stride();
        float[] rows = scratch.floats(2, sizes.queryFloats());
        float[] queries = scratch.floats(3, sizes.transposedFloats());
        float[] weighted = scratch.floats(4, sizes.transposedFloats());
        float[] scores = scratch.floats(5, KEYS * QUERIES);
        float[] maxima = scratch.floats(6, QUERIES);
        float[] sums = scratch.floats(7, QUERIES);
        float[] shrink = scratch.floats(8, QUERIES);
        sizes.loadQueries(query, sequence, head, firstQuery, count, rows);
        GateKernels.scale(rows, 0, sizes.queryFloats(), scale);
        sizes.transpose(rows, queries);
        Arrays.fill(weighted, 0, sizes.transposedFloats(), 0f);
        Arrays.fill(maxima, 0, QUERIES, AttentionKernels.LEAST);
        Arrays.fill(sums, 0, QUERIES, 0f);
        int visible = sequence * sizes.time() - sizes.firstTime();
        int end = from + count;
        // Tiles begin at a multiple of 4, so that the rows which the product touches behind the last key stay inside
        // the array.
        for (int first = firstVisible[visible + from] & -4; first < end; first += KEYS) {
            int seen = Math.min(KEYS, end - first);
            Arrays.fill(scores, 0, AttentionSizes.roundedUp(seen) * QUERIES, 0f);
            int height = AttentionSizes.stripHeight(from, first, seen);
            for (int strip = 0; strip < seen; strip += height) {
                int lane = AttentionSizes.firstLane(from, first + strip);
                TileProduct.multiply(
                        keys,
                        (first + strip) * stride,
                        stride,
                        1,
                        queries,
                        lane,
                        QUERIES,
                        scores,
                        strip * QUERIES + lane,
                        QUERIES,
                        Math.min(height, seen - strip),
                        width - lane,
                        size);
            }
            if (AttentionKernels.needsMask(firstVisible, visible, from, count, first, seen)) {
                AttentionKernels.mask(scores, firstVisible, visible, from, count, first, seen);
            }
            AttentionKernels.softmaxStep(scores, seen, maxima, sums, weighted, size, shrink);
            for (int strip = 0; strip < seen; strip += height) {
                int lane = AttentionSizes.firstLane(from, first + strip);
                TileProduct.multiply(
                        values,
                        (first + strip) * stride,
                        1,
                        stride,
                        scores,
                        strip * QUERIES + lane,
                        QUERIES,
                        weighted,
                        lane,
                        QUERIES,
                        size,
                        width - lane,
                        Math.min(height, seen - strip));
            }
        }
        AttentionKernels.normalise(weighted, size, sums);
        sizes.transposeBack(weighted, rows);
        sizes.storeQueries(rows, out, sequence, head, firstQuery, count);
        for (int i = 0; i < count; i++) {
            maxima[i] += (float) Math.log(sums[i]);
        }
        logSumExp.put(sizes.perQuery(sequence, head, firstQuery), maxima, 0, count);
    }
}
