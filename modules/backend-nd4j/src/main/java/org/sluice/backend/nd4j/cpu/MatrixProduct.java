package org.sluice.backend.nd4j.cpu;

/** One thread's way to multiply matrices of floats. */
interface MatrixProduct extends AutoCloseable {
    /**
     * A matrix in row-major order without gaps.
     *
     * @param address of the first of {@code rows * columns} numbers
     */
    record Matrix(long address, long rows, long columns) {
        /** Rows {@code from .. from + count - 1} of a matrix of floats. */
        Matrix rows(long from, long count) {
            return new Matrix(address + from * columns * Float.BYTES, count, columns);
        }

        long elements() {
            return rows * columns;
        }
    }

    /** {@code out = op(left) op(right)}, added to {@code out} if {@code accumulate}. The shapes have been checked. */
    void run(Matrix left, boolean transposeLeft, Matrix right, boolean transposeRight, Matrix out, boolean accumulate);

    /** The same without rounding operands or results to fewer bits, on the same thread; closed with this one. */
    MatrixProduct exact();

    /** The bytes outside the Java heap that it holds for operands and results on their way. */
    long workspaceBytes();

    @Override
    void close();
}
