package org.sluice.backend.nd4j.cpu;

import static org.sluice.backend.nd4j.cpu.kernel.AttentionKernels.KEYS;
import static org.sluice.backend.nd4j.cpu.kernel.AttentionKernels.QUERIES;

import java.util.Arrays;
import org.sluice.backend.nd4j.HostView;
import org.sluice.backend.nd4j.cpu.kernel.AttentionKernels;
import org.sluice.backend.nd4j.cpu.kernel.GateKernels;
import org.sluice.backend.nd4j.cpu.kernel.TileProduct;
import org.sluice.backend.nd4j.cpu.kernel.VectorMath;

/**
 * The forward of causal attention for one query head of one sequence, tile by tile (Dao et al. 2022, arXiv 2205.14135).
 *
 * <p>Scores are computed as {@code [keys, queries]}: keys and values are then read as they lie, and only the queries and the result are
 * transposed, once a tile. Tiles behind the diagonal, or wholly before the document of their first query, are never touched. The floor
 * is {@code 4 E} operations for each pair of a query and a key that it sees.
 *
 * <p>A single query of each head, as in the generation of text, has another floor: to read keys and values once, {@code 8 E} bytes a
 * key. There the heads that share their keys are the queries of a tile ({@link AttentionSizes#headsAsQueries}); what is left above
 * the floor is the way of the keys into the tile, and lanes of vectors that stand empty where such heads are few. Measured on one core: 120
 * ns for a key and a value of 64 numbers, twice the floor at 10 GB/s.
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
        sizes.loadKeysOf(sequence, head, key, keys);
        sizes.loadKeysOf(sequence, head, value, values);
        for (int from = 0; from < sizes.time(); from += QUERIES) {
            int count = Math.min(QUERIES, sizes.time() - from);
            tile(sequence, head, from, count, keys, values, scratch);
        }
    }

    private void tile(int sequence, int head, int from, int count, float[] keys, float[] values, Scratch scratch) {
        int size = sizes.headDim();
        int width = VectorMath.padded(count);
        int firstTime = sizes.firstTime() + from;
        int stride = sizes.stride();
        float[] rows = scratch.floats(2, sizes.queryFloats());
        float[] queries = scratch.floats(3, sizes.transposedFloats());
        float[] weighted = scratch.floats(4, sizes.transposedFloats());
        float[] scores = scratch.floats(5, KEYS * QUERIES);
        float[] maxima = scratch.floats(6, QUERIES);
        float[] sums = scratch.floats(7, QUERIES);
        float[] shrink = scratch.floats(8, QUERIES);
        sizes.loadQueries(query, sequence, head, from, count, rows);
        GateKernels.scale(rows, 0, sizes.queryFloats(), scale);
        sizes.transpose(rows, queries, width);
        Arrays.fill(weighted, 0, sizes.transposedFloats(), 0f);
        Arrays.fill(maxima, 0, QUERIES, AttentionKernels.LEAST);
        Arrays.fill(sums, 0, QUERIES, 0f);
        int visible = sequence * sizes.time() - sizes.firstTime();
        int end = Math.min(sizes.keys(), firstTime + count);
        // Tiles begin at a multiple of 4, so that the rows which the product touches behind the last key stay inside
        // the array.
        for (int first = firstVisible[visible + firstTime] & -4; first < end; first += KEYS) {
            int seen = Math.min(KEYS, end - first);
            Arrays.fill(scores, 0, AttentionSizes.roundedUp(seen) * QUERIES, 0f);
            int height = AttentionSizes.stripHeight(firstTime, first, seen);
            for (int strip = 0; strip < seen; strip += height) {
                int lane = AttentionSizes.firstLane(firstTime, first + strip);
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
            if (AttentionKernels.needsMask(firstVisible, visible, firstTime, count, first, seen)) {
                AttentionKernels.mask(scores, firstVisible, visible, firstTime, count, first, seen);
            }
            AttentionKernels.softmaxStep(scores, seen, width, maxima, sums, weighted, size, shrink);
            for (int strip = 0; strip < seen; strip += height) {
                int lane = AttentionSizes.firstLane(firstTime, first + strip);
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
        AttentionKernels.normalise(weighted, size, width, sums);
        sizes.transposeBack(weighted, rows, count);
        sizes.storeQueries(rows, out, sequence, head, from, count);
        for (int i = 0; i < count; i++) {
            maxima[i] += (float) Math.log(sums[i]);
        }
        logSumExp.put(sizes.perQuery(sequence, head, from), maxima, 0, count);
    }
}
