package org.sluice.backend.nd4j.cpu;

/** Element-by-element work, cut into tiles that fit the first-level cache. */
final class Tiles {
    /** Tiles that a thread takes at a time. */
    private static final int TILES_OF_PART = 16;

    private Tiles() {}

    /** What is done with elements {@code start .. start + count - 1}. */
    @FunctionalInterface
    interface Tile {
        void run(long start, int count, Scratch scratch);
    }

    /** Runs the tiles of {@code elements} elements on the team; {@code count} is at most {@link Scratch#TILE}. */
    static void run(WorkerTeam team, long elements, Tile tile) {
        long part = (long) TILES_OF_PART * Scratch.TILE;
        team.run(Math.toIntExact((elements + part - 1) / part), (index, scratch) -> {
            long end = Math.min(elements, (index + 1) * part);
            for (long start = index * part; start < end; start += Scratch.TILE) {
                tile.run(start, (int) Math.min(Scratch.TILE, end - start), scratch);
            }
        });
    }
}
