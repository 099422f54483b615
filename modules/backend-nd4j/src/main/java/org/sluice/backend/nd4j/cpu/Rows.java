package org.sluice.backend.nd4j.cpu;

/** Row-by-row work, cut into tiles of a few rows. */
final class Rows {
    private Rows() {}

    /** What is done with rows {@code row .. row + count - 1}. */
    @FunctionalInterface
    interface Tile {
        void run(long row, int count, Scratch scratch);
    }

    /** Runs tiles of {@code tileRows} rows on the team, 16 of them at a time on a thread. */
    static void run(WorkerTeam team, long rows, int tileRows, Tile tile) {
        long part = 16L * tileRows;
        team.run(Math.toIntExact((rows + part - 1) / part), (index, scratch) -> {
            long end = Math.min(rows, (index + 1) * part);
            for (long row = index * part; row < end; row += tileRows) {
                tile.run(row, (int) Math.min(tileRows, end - row), scratch);
            }
        });
    }
}
