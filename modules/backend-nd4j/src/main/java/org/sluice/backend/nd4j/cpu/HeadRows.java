package org.sluice.backend.nd4j.cpu;

import org.sluice.backend.nd4j.HostView;
import org.sluice.tensor.Tensor;

/** Work on the head vectors of a tensor {@code [B, T, H, E]} that gives a number for each, stored as {@code [B, H, T]}. */
final class HeadRows {
    /** Positions of a tile, for tensors of few heads: a run of numbers of one head that is worth a copy. */
    private static final int MOST_POSITIONS = 64;

    private HeadRows() {}

    /** What is done with {@code count} head vectors from {@code row} on; it fills {@code numbers[0 .. count - 1]}. */
    @FunctionalInterface
    interface Tile {
        void run(long row, int count, float[] numbers, Scratch scratch);
    }

    /**
     * Runs tiles of positions, all heads of each, on the team.
     *
     * @param vectors {@code [B, T, H, E]}
     * @param numbers {@code [B, H, T]}
     * @param stride the floats that a vector takes in a tile
     */
    static void run(WorkerTeam team, Tensor vectors, HostView numbers, int stride, Tile tile) {
        int time = Host.dimension(vectors, 1);
        int heads = Host.dimension(vectors, 2);
        int positions = Math.min(MOST_POSITIONS, Math.max(8, RowTiles.rows(heads * stride)));
        int tilesOfSequence = (time + positions - 1) / positions;
        int tiles = Math.toIntExact(vectors.shape().dimension(0) * tilesOfSequence);
        team.run(tiles, (index, scratch) -> {
            long sequence = index / tilesOfSequence;
            int from = index % tilesOfSequence * positions;
            int count = Math.min(positions, time - from);
            float[] byPosition = scratch.floats(14, positions * heads);
            float[] byHead = scratch.floats(15, positions);
            tile.run((sequence * time + from) * heads, count * heads, byPosition, scratch);
            for (int head = 0; head < heads; head++) {
                for (int i = 0; i < count; i++) {
                    byHead[i] = byPosition[i * heads + head];
                }
                numbers.put((sequence * heads + head) * time + from, byHead, 0, count);
            }
        });
    }
}
