package org.sluice.backend.nd4j.cpu;

import java.util.Arrays;

/**
 * The permuted rows of a mixture's experts, cut into pieces that never reach from one expert to the next.
 *
 * <p>A router gives other numbers of rows at each step, and oneDNN compiles code for each shape that it meets: 0.2 to 0.5 milliseconds,
 * as long as a product of 100 rows takes, and it keeps code for 1024 shapes only. So the numbers of rows in products come from few: see
 * {@link #rowsOfProduct} and {@link #rowsOfSum}.
 */
final class ExpertPieces {
    /** Rows of a product, at most: enough that what oneDNN does once a product is little, few enough for several pieces a core. */
    private static final int MOST_ROWS = 512;

    private static final int ROWS_STEP = 8;
    private static final int SUM_STEP = 32;

    private int count;
    private int laterCount;
    private int[] experts = new int[0];
    private int[] starts = new int[1];
    private int[] laterBefore = new int[0];

    /** How many of an expert's next rows one product takes: 512, or a multiple of 8, or fewer than 8. */
    private static int rowsOfProduct(int rows) {
        if (rows >= MOST_ROWS) {
            return MOST_ROWS;
        }
        return rows < ROWS_STEP ? rows : rows - rows % ROWS_STEP;
    }

    /** Over how many of a piece's next rows one product sums: a multiple of 32, or fewer than 32. */
    static int rowsOfSum(int rows) {
        return rows < SUM_STEP ? rows : rows - rows % SUM_STEP;
    }

    /**
     * Cuts into pieces of one product each.
     *
     * @param offsets the first row of each expert, and the end of the last
     */
    void cutIntoProducts(int[] offsets, int expertCount) {
        clear();
        for (int x = 0; x < expertCount; x++) {
            for (int row = offsets[x]; row < offsets[x + 1]; row += rowsOfProduct(offsets[x + 1] - row)) {
                add(x, row, row > offsets[x]);
            }
        }
        starts[count] = offsets[expertCount];
    }

    /**
     * Cuts into pieces to sum over, of about {@code leastRows} to {@code 2 leastRows} rows, or all that an expert has; all but its last
     * have a multiple of 32.
     *
     * @param leastRows at least 32
     */
    void cutIntoSums(int[] offsets, int expertCount, int leastRows) {
        clear();
        for (int x = 0; x < expertCount; x++) {
            int rows = offsets[x + 1] - offsets[x];
            int pieces = Math.min(rows, Math.max(1, rows / leastRows));
            for (int i = 0; i < pieces; i++) {
                int row = (int) ((long) rows * i / pieces);
                add(x, offsets[x] + row - row % SUM_STEP, i > 0);
            }
        }
        starts[count] = offsets[expertCount];
    }

    private void clear() {
        count = 0;
        laterCount = 0;
    }

    private void add(int expert, int start, boolean later) {
        if (count == experts.length) {
            int length = Math.max(64, 2 * count);
            experts = Arrays.copyOf(experts, length);
            starts = Arrays.copyOf(starts, length + 1);
            laterBefore = Arrays.copyOf(laterBefore, length);
        }
        experts[count] = expert;
        starts[count] = start;
        laterBefore[count] = laterCount;
        laterCount += later ? 1 : 0;
        count++;
    }

    int count() {
        return count;
    }

    int expert(int piece) {
        return experts[piece];
    }

    /** The first row of a piece. */
    int from(int piece) {
        return starts[piece];
    }

    int rows(int piece) {
        return starts[piece + 1] - starts[piece];
    }

    /** Whether no other piece of the same expert comes before. */
    boolean isFirst(int piece) {
        return piece == 0 || experts[piece - 1] != experts[piece];
    }

    /** How many pieces are not the first of their expert. */
    int laterCount() {
        return laterCount;
    }

    /** How many of those come before this piece. */
    int laterBefore(int piece) {
        return laterBefore[piece];
    }
}
