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
 * <p>Scores are computed as {@code [keys, queries]}: keys and values are then read as they lie, and only the queries are transposed, once a
 * tile. Tiles behind the diagonal, or wholly before the document of their first query, are never touched. The floor
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
        float[] weighted = scratch.floats(4, sizes.queryFloats());
        float[] scores = scratch.floats(5, KEYS * QUERIES);
        float[] maxima = scratch.floats(6, QUERIES);
        float[] sums = scratch.floats(7, QUERIES);
        float[] negatives = scratch.floats(8, QUERIES);
        float[] shifts = scratch.floats(9, QUERIES);
        float[] factors = scratch.floats(10, QUERIES);
        sizes.loadQueries(query, sequence, head, from, count, rows);
        GateKernels.scale(rows, 0, sizes.queryFloats(), scale);
        sizes.transpose(rows, queries, width);
        Arrays.fill(weighted, 0, sizes.queryFloats(), 0f);
        Arrays.fill(sums, 0, QUERIES, 0f);
        Arrays.fill(negatives, 0, QUERIES, 0f);
        int visible = sequence * sizes.time() - sizes.firstTime();
        int end = Math.min(sizes.keys(), firstTime + count);
        // Tiles begin at a multiple of 4, so that the rows which the product touches behind the last key stay inside
        // the array.
        for (int first = firstVisible[visible + firstTime] & -4; first < end; first += KEYS) {
            int seen = Math.min(KEYS, end - first);
            int height = AttentionSizes.stripHeight(firstTime, first, seen);
            for (int strip = 0; strip < seen; strip += height) {
                int lane = AttentionSizes.firstLane(firstTime, first + strip);
                TileProduct.set(
                        keys,
                        (first + strip) * stride,
                        stride,
                        1,
                        queries,
                        lane,
                        QUERIES,
                        negatives,
                        lane,
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
            Arrays.fill(maxima, 0, QUERIES, Float.NEGATIVE_INFINITY);
            for (int strip = 0; strip < seen; strip += height) {
                int lane = AttentionSizes.firstLane(firstTime, first + strip);
                AttentionKernels.raise(scores, strip, Math.min(height, seen - strip), lane, width, maxima);
            }
            boolean anew = AttentionKernels.measureAnew(maxima, sums, negatives, shifts, factors, width);
            if (anew) {
                GateKernels.multiply(sums, 0, factors, 0, width);
                AttentionKernels.scaleVectors(weighted, count, stride, factors);
            }
            for (int strip = 0; strip < seen; strip += height) {
                int lane = AttentionSizes.firstLane(firstTime, first + strip);
                int rowCount = Math.min(height, seen - strip);
                if (anew) {
                    AttentionKernels.addToRows(scores, strip, rowCount, lane, width, shifts);
                }
                AttentionKernels.exponentials(scores, strip, rowCount, lane, width);
                AttentionKernels.addUp(scores, strip, rowCount, lane, width, sums);
                TileProduct.add(
                        scores,
                        strip * QUERIES + lane,
                        1,
                        QUERIES,
                        values,
                        (first + strip) * stride,
                        stride,
                        weighted,
                        lane * stride,
                        stride,
                        count - lane,
                        stride,
                        rowCount);
            }
        }
        for (int i = 0; i < count; i++) {
            factors[i] = 1 / sums[i];
            maxima[i] = (float) Math.log(sums[i]) - negatives[i];
        }
        AttentionKernels.scaleVectors(weighted, count, stride, factors);
        sizes.storeQueries(weighted, out, sequence, head, from, count);
        logSumExp.put(sizes.perQuery(sequence, head, from), maxima, 0, count);
    }
}
