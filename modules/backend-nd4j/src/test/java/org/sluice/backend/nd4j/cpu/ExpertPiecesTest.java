package org.sluice.backend.nd4j.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Pieces have every row of every expert once, and make products of few different shapes. */
class ExpertPiecesTest {
    private static final int MOST_ROWS = 3000;

    private final ExpertPieces pieces = new ExpertPieces();
    private final Set<Integer> shapes = new TreeSet<>();

    @Test
    void productsHaveFewNumbersOfRows() {
        for (int rows = 0; rows <= MOST_ROWS; rows++) {
            int[] offsets = {0, 0, rows, rows, rows + 5, rows + 1005};
            pieces.cutIntoProducts(offsets, 5);
            assertEveryRowOnce(offsets);
            for (int piece = 0; piece < pieces.count(); piece++) {
                shapes.add(pieces.rows(piece));
            }
        }
        assertThat(shapes).hasSizeLessThanOrEqualTo(71);
    }

    @Test
    void sumsHaveFewNumbersOfRows() {
        for (int rows = 0; rows <= MOST_ROWS; rows++) {
            int[] offsets = {0, 0, rows, rows, rows + 5, rows + 1005};
            pieces.cutIntoSums(offsets, 5, 256);
            assertEveryRowOnce(offsets);
            for (int piece = 0; piece < pieces.count(); piece++) {
                int left = pieces.rows(piece);
                assertThat(left).as("rows of a piece, of %d", rows).isLessThan(2 * 256 + 32);
                for (int products = 0; left > 0; products++) {
                    assertThat(products)
                            .as("products of a piece before the last")
                            .isLessThan(2);
                    int count = ExpertPieces.rowsOfSum(left);
                    shapes.add(count);
                    left -= count;
                }
            }
        }
        assertThat(shapes).hasSizeLessThanOrEqualTo(31 + 17);
    }

    private void assertEveryRowOnce(int[] offsets) {
        int row = 0;
        int later = 0;
        int expert = -1;
        for (int piece = 0; piece < pieces.count(); piece++) {
            assertThat(pieces.from(piece)).isEqualTo(row);
            assertThat(pieces.rows(piece)).isPositive();
            assertThat(pieces.isFirst(piece)).isEqualTo(pieces.expert(piece) != expert);
            assertThat(pieces.laterBefore(piece)).isEqualTo(later);
            expert = pieces.expert(piece);
            row += pieces.rows(piece);
            later += pieces.isFirst(piece) ? 0 : 1;
            assertThat(row).as("end of a piece of expert %d", expert).isLessThanOrEqualTo(offsets[expert + 1]);
            assertThat(pieces.from(piece)).isGreaterThanOrEqualTo(offsets[expert]);
        }
        assertThat(row).isEqualTo(offsets[offsets.length - 1]);
        assertThat(pieces.laterCount()).isEqualTo(later);
    }
}
