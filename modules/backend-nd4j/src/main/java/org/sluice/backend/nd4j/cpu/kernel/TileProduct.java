package org.sluice.backend.nd4j.cpu.kernel;

import static org.sluice.backend.nd4j.cpu.kernel.VectorMath.LANES;
import static org.sluice.backend.nd4j.cpu.kernel.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;

/**
 * The product of two tiles in Java arrays, for attention: {@code c[i][n] = initial[n] + sum over k of a(i, k) b[k][n]} or {@code c[i][n] +=}
 * that sum, where {@code a(i, k) = a[aAt + i * aRow + k * aStep]} and the rows of {@code b} and {@code c} are contiguous.
 *
 * <p>Sixteen accumulators in registers, four rows by four vectors: a step loads four vectors of {@code b} and broadcasts four numbers of
 * {@code a} for sixteen multiply-adds, so that the floor is the machine's multiply-add peak, of which it reaches about 0.9. One vector at a
 * time takes what is left of a row. (Six rows reach 0.03 more, but then the compiler loses vectors to the heap when it knows little.)
 */
public final class TileProduct {
    private static final int WIDE = 4 * LANES;

    private TileProduct() {}

    /**
     * {@code c = initial + a b}.
     *
     * @param initial what each row of the result begins with, as long as {@code columns} from {@code initialAt} on
     * @param rows rows of the result; up to the next multiple of 4 rows are read and written
     * @param columns columns of the result, a multiple of a vector's length
     */
    public static void set(
            float[] a,
            int aAt,
            int aRow,
            int aStep,
            float[] b,
            int bAt,
            int bRow,
            float[] initial,
            int initialAt,
            float[] c,
            int cAt,
            int cRow,
            int rows,
            int columns,
            int depth) {
        multiply(a, aAt, aRow, aStep, b, bAt, bRow, initial, initialAt, 0, c, cAt, cRow, rows, columns, depth);
    }

    /**
     * {@code c += a b}.
     *
     * @param rows rows of the result; up to the next multiple of 4 rows are read and written
     * @param columns columns of the result, a multiple of a vector's length
     */
    public static void add(
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
        multiply(a, aAt, aRow, aStep, b, bAt, bRow, c, cAt, cRow, c, cAt, cRow, rows, columns, depth);
    }

    private static void multiply(
            float[] a,
            int aAt,
            int aRow,
            int aStep,
            float[] b,
            int bAt,
            int bRow,
            float[] initial,
            int initialAt,
            int initialRow,
            float[] c,
            int cAt,
            int cRow,
            int rows,
            int columns,
            int depth) {
        int wide = columns / WIDE * WIDE;
        for (int column = 0; column < wide; column += WIDE) {
            fourByFour(
                    a,
                    aAt,
                    aRow,
                    aStep,
                    b,
                    bAt + column,
                    bRow,
                    initial,
                    initialAt + column,
                    initialRow,
                    c,
                    cAt + column,
                    cRow,
                    rows,
                    depth);
        }
        for (int column = wide; column < columns; column += LANES) {
            fourByOne(
                    a,
                    aAt,
                    aRow,
                    aStep,
                    b,
                    bAt + column,
                    bRow,
                    initial,
                    initialAt + column,
                    initialRow,
                    c,
                    cAt + column,
                    cRow,
                    rows,
                    depth);
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
            float[] initial,
            int initialAt,
            int initialRow,
            float[] c,
            int cAt,
            int cRow,
            int rows,
            int depth) {
        for (int row = 0; row < rows; row += 4) {
            int from = initialAt + row * initialRow;
            int to = cAt + row * cRow;
            FloatVector c00 = FloatVector.fromArray(SPECIES, initial, from);
            FloatVector c01 = FloatVector.fromArray(SPECIES, initial, from + LANES);
            FloatVector c02 = FloatVector.fromArray(SPECIES, initial, from + 2 * LANES);
            FloatVector c03 = FloatVector.fromArray(SPECIES, initial, from + 3 * LANES);
            FloatVector c10 = FloatVector.fromArray(SPECIES, initial, from + initialRow);
            FloatVector c11 = FloatVector.fromArray(SPECIES, initial, from + initialRow + LANES);
            FloatVector c12 = FloatVector.fromArray(SPECIES, initial, from + initialRow + 2 * LANES);
            FloatVector c13 = FloatVector.fromArray(SPECIES, initial, from + initialRow + 3 * LANES);
            FloatVector c20 = FloatVector.fromArray(SPECIES, initial, from + 2 * initialRow);
            FloatVector c21 = FloatVector.fromArray(SPECIES, initial, from + 2 * initialRow + LANES);
            FloatVector c22 = FloatVector.fromArray(SPECIES, initial, from + 2 * initialRow + 2 * LANES);
            FloatVector c23 = FloatVector.fromArray(SPECIES, initial, from + 2 * initialRow + 3 * LANES);
            FloatVector c30 = FloatVector.fromArray(SPECIES, initial, from + 3 * initialRow);
            FloatVector c31 = FloatVector.fromArray(SPECIES, initial, from + 3 * initialRow + LANES);
            FloatVector c32 = FloatVector.fromArray(SPECIES, initial, from + 3 * initialRow + 2 * LANES);
            FloatVector c33 = FloatVector.fromArray(SPECIES, initial, from + 3 * initialRow + 3 * LANES);
            int at = aAt + row * aRow;
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
            c00.intoArray(c, to);
            c01.intoArray(c, to + LANES);
            c02.intoArray(c, to + 2 * LANES);
            c03.intoArray(c, to + 3 * LANES);
            c10.intoArray(c, to + cRow);
            c11.intoArray(c, to + cRow + LANES);
            c12.intoArray(c, to + cRow + 2 * LANES);
            c13.intoArray(c, to + cRow + 3 * LANES);
            c20.intoArray(c, to + 2 * cRow);
            c21.intoArray(c, to + 2 * cRow + LANES);
            c22.intoArray(c, to + 2 * cRow + 2 * LANES);
            c23.intoArray(c, to + 2 * cRow + 3 * LANES);
            c30.intoArray(c, to + 3 * cRow);
            c31.intoArray(c, to + 3 * cRow + LANES);
            c32.intoArray(c, to + 3 * cRow + 2 * LANES);
            c33.intoArray(c, to + 3 * cRow + 3 * LANES);
        }
    }

    private static void fourByOne(
            float[] a,
            int aAt,
            int aRow,
            int aStep,
            float[] b,
            int bAt,
            int bRow,
            float[] initial,
            int initialAt,
            int initialRow,
            float[] c,
            int cAt,
            int cRow,
            int rows,
            int depth) {
        for (int row = 0; row < rows; row += 4) {
            int from = initialAt + row * initialRow;
            int to = cAt + row * cRow;
            FloatVector c0 = FloatVector.fromArray(SPECIES, initial, from);
            FloatVector c1 = FloatVector.fromArray(SPECIES, initial, from + initialRow);
            FloatVector c2 = FloatVector.fromArray(SPECIES, initial, from + 2 * initialRow);
            FloatVector c3 = FloatVector.fromArray(SPECIES, initial, from + 3 * initialRow);
            int at = aAt + row * aRow;
            int bk = bAt;
            for (int k = 0; k < depth; k++) {
                FloatVector b0 = FloatVector.fromArray(SPECIES, b, bk);
                FloatVector x = FloatVector.broadcast(SPECIES, a[at]);
                c0 = x.fma(b0, c0);
                x = FloatVector.broadcast(SPECIES, a[at + aRow]);
                c1 = x.fma(b0, c1);
                x = FloatVector.broadcast(SPECIES, a[at + 2 * aRow]);
                c2 = x.fma(b0, c2);
                x = FloatVector.broadcast(SPECIES, a[at + 3 * aRow]);
                c3 = x.fma(b0, c3);
                at += aStep;
                bk += bRow;
            }
            c0.intoArray(c, to);
            c1.intoArray(c, to + cRow);
            c2.intoArray(c, to + 2 * cRow);
            c3.intoArray(c, to + 3 * cRow);
        }
    }
}
