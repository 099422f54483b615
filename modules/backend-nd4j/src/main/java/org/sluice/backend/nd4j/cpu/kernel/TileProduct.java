package org.sluice.backend.nd4j.cpu.kernel;

import static org.sluice.backend.nd4j.cpu.kernel.VectorMath.LANES;
import static org.sluice.backend.nd4j.cpu.kernel.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;

/**
 * The product of two tiles in Java arrays, for attention: {@code c[i][n] += sum over k of a(i, k) b[k][n]}, where {@code a(i, k) = a[aAt
 * + i * aRow + k * aStep]} and the rows of {@code b} and {@code c} are contiguous.
 *
 * <p>Sixteen accumulators in registers, four rows by four vectors: a step loads four vectors of {@code b} and broadcasts four numbers
 * of {@code a} for sixteen multiply-adds, so that the floor is the machine's multiply-add peak, of which it reaches about 0.9.
 */
public final class TileProduct {
    private static final int ROWS = 4;
    private static final int WIDE = 4 * LANES;

    private TileProduct() {}

    /**
     * @param rows rows of the result; up to the next multiple of 4 rows are read and written
     * @param columns columns of the result, a multiple of a vector's length
     */
    public static void multiply(
            float[] a,
            int aAt,
            int aRow,
            int aStep,
            float[] b,
            int bAt,
            int bRow,
            float[] c,
            int cAt,
            int cRow,
            int rows,
            int columns,
            int depth) {
        for (int row = 0; row < rows; row += ROWS) {
            int column = 0;
            for (; column + WIDE <= columns; column += WIDE) {
                fourByFour(
                        a,
                        aAt + row * aRow,
                        aRow,
                        aStep,
                        b,
                        bAt + column,
                        bRow,
                        c,
                        cAt + row * cRow + column,
                        cRow,
                        depth);
            }
            for (; column < columns; column += LANES) {
                fourByOne(
                        a,
                        aAt + row * aRow,
                        aRow,
                        aStep,
                        b,
                        bAt + column,
                        bRow,
                        c,
                        cAt + row * cRow + column,
                        cRow,
                        depth);
            }
        }
    }

    private static void fourByFour(
            float[] a,
            int aAt,
            int aRow,
            int aStep,
            float[] b,
            int bAt,
            int bRow,
            float[] c,
            int cAt,
            int cRow,
            int depth) {
        FloatVector c00 = FloatVector.fromArray(SPECIES, c, cAt);
        FloatVector c01 = FloatVector.fromArray(SPECIES, c, cAt + LANES);
        FloatVector c02 = FloatVector.fromArray(SPECIES, c, cAt + 2 * LANES);
        FloatVector c03 = FloatVector.fromArray(SPECIES, c, cAt + 3 * LANES);
        FloatVector c10 = FloatVector.fromArray(SPECIES, c, cAt + cRow);
        FloatVector c11 = FloatVector.fromArray(SPECIES, c, cAt + cRow + LANES);
        FloatVector c12 = FloatVector.fromArray(SPECIES, c, cAt + cRow + 2 * LANES);
        FloatVector c13 = FloatVector.fromArray(SPECIES, c, cAt + cRow + 3 * LANES);
        FloatVector c20 = FloatVector.fromArray(SPECIES, c, cAt + 2 * cRow);
        FloatVector c21 = FloatVector.fromArray(SPECIES, c, cAt + 2 * cRow + LANES);
        FloatVector c22 = FloatVector.fromArray(SPECIES, c, cAt + 2 * cRow + 2 * LANES);
        FloatVector c23 = FloatVector.fromArray(SPECIES, c, cAt + 2 * cRow + 3 * LANES);
        FloatVector c30 = FloatVector.fromArray(SPECIES, c, cAt + 3 * cRow);
        FloatVector c31 = FloatVector.fromArray(SPECIES, c, cAt + 3 * cRow + LANES);
        FloatVector c32 = FloatVector.fromArray(SPECIES, c, cAt + 3 * cRow + 2 * LANES);
        FloatVector c33 = FloatVector.fromArray(SPECIES, c, cAt + 3 * cRow + 3 * LANES);
        int at = aAt;
        int bk = bAt;
        for (int k = 0; k < depth; k++) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, bk);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, bk + LANES);
            FloatVector b2 = FloatVector.fromArray(SPECIES, b, bk + 2 * LANES);
            FloatVector b3 = FloatVector.fromArray(SPECIES, b, bk + 3 * LANES);
            FloatVector x = FloatVector.broadcast(SPECIES, a[at]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            c02 = x.fma(b2, c02);
            c03 = x.fma(b3, c03);
            x = FloatVector.broadcast(SPECIES, a[at + aRow]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            c12 = x.fma(b2, c12);
            c13 = x.fma(b3, c13);
            x = FloatVector.broadcast(SPECIES, a[at + 2 * aRow]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            c22 = x.fma(b2, c22);
            c23 = x.fma(b3, c23);
            x = FloatVector.broadcast(SPECIES, a[at + 3 * aRow]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
            c32 = x.fma(b2, c32);
            c33 = x.fma(b3, c33);
            at += aStep;
            bk += bRow;
        }
        c00.intoArray(c, cAt);
        c01.intoArray(c, cAt + LANES);
        c02.intoArray(c, cAt + 2 * LANES);
        c03.intoArray(c, cAt + 3 * LANES);
        c10.intoArray(c, cAt + cRow);
        c11.intoArray(c, cAt + cRow + LANES);
        c12.intoArray(c, cAt + cRow + 2 * LANES);
        c13.intoArray(c, cAt + cRow + 3 * LANES);
        c20.intoArray(c, cAt + 2 * cRow);
        c21.intoArray(c, cAt + 2 * cRow + LANES);
        c22.intoArray(c, cAt + 2 * cRow + 2 * LANES);
        c23.intoArray(c, cAt + 2 * cRow + 3 * LANES);
        c30.intoArray(c, cAt + 3 * cRow);
        c31.intoArray(c, cAt + 3 * cRow + LANES);
        c32.intoArray(c, cAt + 3 * cRow + 2 * LANES);
        c33.intoArray(c, cAt + 3 * cRow + 3 * LANES);
    }

    private static void fourByOne(
            float[] a,
            int aAt,
            int aRow,
            int aStep,
            float[] b,
            int bAt,
            int bRow,
            float[] c,
            int cAt,
            int cRow,
            int depth) {
        FloatVector c0 = FloatVector.fromArray(SPECIES, c, cAt);
        FloatVector c1 = FloatVector.fromArray(SPECIES, c, cAt + cRow);
        FloatVector c2 = FloatVector.fromArray(SPECIES, c, cAt + 2 * cRow);
        FloatVector c3 = FloatVector.fromArray(SPECIES, c, cAt + 3 * cRow);
        int at = aAt;
        int bk = bAt;
        for (int k = 0; k < depth; k++) {
            FloatVector column = FloatVector.fromArray(SPECIES, b, bk);
            c0 = FloatVector.broadcast(SPECIES, a[at]).fma(column, c0);
            c1 = FloatVector.broadcast(SPECIES, a[at + aRow]).fma(column, c1);
            c2 = FloatVector.broadcast(SPECIES, a[at + 2 * aRow]).fma(column, c2);
            c3 = FloatVector.broadcast(SPECIES, a[at + 3 * aRow]).fma(column, c3);
            at += aStep;
            bk += bRow;
        }
        c0.intoArray(c, cAt);
        c1.intoArray(c, cAt + cRow);
        c2.intoArray(c, cAt + 2 * cRow);
        c3.intoArray(c, cAt + 3 * cRow);
    }
}
