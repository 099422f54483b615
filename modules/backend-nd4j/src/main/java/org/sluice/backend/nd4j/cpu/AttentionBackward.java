package org.sluice.backend.nd4j.cpu;

import static org.sluice.backend.nd4j.cpu.kernel.AttentionKernels.KEYS;
import static org.sluice.backend.nd4j.cpu.kernel.AttentionKernels.QUERIES;

import java.util.Arrays;
import org.sluice.backend.nd4j.HostView;
import org.sluice.backend.nd4j.cpu.kernel.AttentionKernels;
import org.sluice.backend.nd4j.cpu.kernel.GateKernels;
import org.sluice.backend.nd4j.cpu.kernel.TileProduct;

/**
 * The backward of causal attention for one key/value head of one sequence, with all query heads that read it; so the gradients of keys
 * and values have one writer. The floor is {@code 10 E} operations for each pair of a query and a key that it sees: scores and the four
 * products of their gradients.
 */
record AttentionBackward(
        AttentionSizes sizes,
        HostView outGradient,
        HostView delta,
        HostView query,
        HostView key,
        HostView value,
        int[] firstVisible,
        float scale,
        HostView logSumExp,
        HostView queryGradient,
        HostView keyGradient,
        HostView valueGradient) {

    void run(int sequence, int kvHead, Scratch scratch) {
        float[] keys = scratch.floats(0, sizes.keyFloats());
        float[] values = scratch.floats(1, sizes.keyFloats());
        float[] keyGradients = scratch.floats(2, sizes.keyFloats());
        float[] valueGradients = scratch.floats(3, sizes.keyFloats());
        sizes.loadKeys(key, sequence, kvHead, keys);
        sizes.loadKeys(value, sequence, kvHead, values);
        Arrays.fill(keyGradients, 0, sizes.keyFloats(), 0f);
        Arrays.fill(valueGradients, 0, sizes.keyFloats(), 0f);
        for (int head = kvHead * sizes.group(); head < (kvHead + 1) * sizes.group(); head++) {
            for (int from = 0; from < sizes.time(); from += QUERIES) {
                int count = Math.min(QUERIES, sizes.time() - from);
                tile(sequence, head, from, count, keys, values, keyGradients, valueGradients, scratch);
            }
        }
        sizes.storeKeys(keyGradients, keyGradient, sequence, kvHead);
        sizes.storeKeys(valueGradients, valueGradient, sequence, kvHead);
    }

    private void tile(
            int sequence,
            int head,
            int from,
            int count,
            float[] keys,
            float[] values,
            float[] keyGradients,
            float[] valueGradients,
            Scratch scratch) {
        int size = sizes.headDim();
        int stride = sizes.stride();
        float[] rows = scratch.floats(4, sizes.queryFloats());
        float[] queries = scratch.floats(5, sizes.transposedFloats());
        float[] outRows = scratch.floats(6, sizes.queryFloats());
        float[] outGradients = scratch.floats(7, sizes.transposedFloats());
        float[] queryGradients = scratch.floats(8, sizes.queryFloats());
        float[] scores = scratch.floats(9, KEYS * QUERIES);
        float[] scoreGradients = scratch.floats(10, KEYS * QUERIES);
        float[] negativeTotals = scratch.floats(11, QUERIES);
        float[] negativeDeltas = scratch.floats(12, QUERIES);
        sizes.loadQueries(query, sequence, head, from, count, rows);
        GateKernels.scale(rows, 0, sizes.queryFloats(), scale);
        sizes.transpose(rows, queries, QUERIES);
        sizes.loadQueries(outGradient, sequence, head, from, count, outRows);
        sizes.transpose(outRows, outGradients, QUERIES);
        Arrays.fill(queryGradients, 0, sizes.queryFloats(), 0f);
        loadNegatives(logSumExp, sequence, head, from, count, negativeTotals);
        loadNegatives(delta, sequence, head, from, count, negativeDeltas);
        int visible = sequence * sizes.time();
        int end = from + count;
        // Tiles begin at a multiple of 4, so that the rows which the product touches behind the last key stay inside
        // the array.
        for (int first = firstVisible[visible + from] & -4; first < end; first += KEYS) {
            int seen = Math.min(KEYS, end - first);
            // The products touch rows up to a multiple of 4; those behind the last key must give zeros, and are masked.
            int touched = AttentionSizes.roundedUp(seen);
            int height = AttentionSizes.stripHeight(from, first, seen);
            for (int strip = 0; strip < seen; strip += height) {
                int lane = AttentionSizes.firstLane(from, first + strip);
                int row = (first + strip) * stride;
                int place = strip * QUERIES + lane;
                int rowCount = Math.min(height, seen - strip);
                int columns = QUERIES - lane;
                // p = exp(score - logSumExp), and ds = p * (dp - delta): the subtrahends are where the products begin.
                TileProduct.set(
                        keys,
                        row,
                        stride,
                        1,
                        queries,
                        lane,
                        QUERIES,
                        negativeTotals,
                        lane,
                        scores,
                        place,
                        QUERIES,
                        rowCount,
                        columns,
                        size);
                TileProduct.set(
                        values,
                        row,
                        stride,
                        1,
                        outGradients,
                        lane,
                        QUERIES,
                        negativeDeltas,
                        lane,
                        scoreGradients,
                        place,
                        QUERIES,
                        rowCount,
                        columns,
                        size);
            }
            if (AttentionKernels.needsMask(firstVisible, visible, from, count, first, touched)) {
                AttentionKernels.mask(scores, firstVisible, visible, from, count, first, touched);
            }
            for (int strip = 0; strip < seen; strip += height) {
                int lane = AttentionSizes.firstLane(from, first + strip);
                int row = (first + strip) * stride;
                int place = strip * QUERIES + lane;
                int rowCount = Math.min(height, seen - strip);
                int queryRow = lane * stride;
                int depth = count - lane;
                int touchedRows = Math.min(height, touched - strip);
                AttentionKernels.exponentials(scores, strip, touchedRows, lane, QUERIES);
                AttentionKernels.multiply(scoreGradients, scores, strip, touchedRows, lane);
                TileProduct.add(
                        scores,
                        place,
                        QUERIES,
                        1,
                        outRows,
                        queryRow,
                        stride,
                        valueGradients,
                        row,
                        stride,
                        rowCount,
                        stride,
                        depth);
                TileProduct.add(
                        scoreGradients,
                        place,
                        QUERIES,
                        1,
                        rows,
                        queryRow,
                        stride,
                        keyGradients,
                        row,
                        stride,
                        rowCount,
                        stride,
                        depth);
                TileProduct.add(
                        scoreGradients,
                        place,
                        1,
                        QUERIES,
                        keys,
                        row,
                        stride,
                        queryGradients,
                        queryRow,
                        stride,
                        depth,
                        stride,
                        rowCount);
            }
        }
        GateKernels.scale(queryGradients, 0, sizes.queryFloats(), scale);
        sizes.storeQueries(queryGradients, queryGradient, sequence, head, from, count);
    }

    private void loadNegatives(HostView source, int sequence, int head, int from, int count, float[] negatives) {
        source.get(sizes.perQuery(sequence, head, from), negatives, 0, count);
        for (int i = 0; i < count; i++) {
            negatives[i] = -negatives[i];
        }
        Arrays.fill(negatives, count, QUERIES, 0f);
    }
}
