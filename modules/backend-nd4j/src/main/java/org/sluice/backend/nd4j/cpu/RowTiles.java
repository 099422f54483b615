package org.sluice.backend.nd4j.cpu;

import java.util.Arrays;
import org.sluice.backend.nd4j.HostView;

/** Rows of native memory in Java arrays, each row beginning at a multiple of a vector's length, the gaps filled with zeros. */
final class RowTiles {
    private RowTiles() {}

    /** Rows of {@code stride} floats that make a tile; at least 1. */
    static int rows(int stride) {
        return Math.max(1, Scratch.TILE / stride);
    }

    /** Copies {@code count} rows of {@code size} floats from {@code row} on to {@code tile}, a row each {@code stride} floats. */
    static void load(HostView source, long row, int count, int size, int stride, float[] tile) {
        if (size == stride) {
            source.get(row * size, tile, 0, count * size);
            return;
        }
        for (int i = 0; i < count; i++) {
            source.get((row + i) * size, tile, i * stride, size);
            Arrays.fill(tile, i * stride + size, (i + 1) * stride, 0f);
        }
    }

    /** The way back of {@link #load}. */
    static void store(float[] tile, HostView target, long row, int count, int size, int stride) {
        if (size == stride) {
            target.put(row * size, tile, 0, count * size);
            return;
        }
        for (int i = 0; i < count; i++) {
            target.put((row + i) * size, tile, i * stride, size);
        }
    }
}
