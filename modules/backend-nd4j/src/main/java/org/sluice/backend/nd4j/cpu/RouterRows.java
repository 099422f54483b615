package org.sluice.backend.nd4j.cpu;

/** What the passes over a router's rows share. */
final class RouterRows {
    /** Rows of a tile, at most: few, so that a batch has parts for all cores though its rows are short. */
    private static final int MOST_OF_TILE = 16;

    private RouterRows() {}

    /** Rows of {@code stride} floats that make a tile; at least 1. */
    static int ofTile(int stride) {
        return Math.min(MOST_OF_TILE, RowTiles.rows(stride));
    }
}
