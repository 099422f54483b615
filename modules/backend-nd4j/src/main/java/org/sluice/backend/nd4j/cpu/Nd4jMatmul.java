package org.sluice.backend.nd4j.cpu;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;
import org.nd4j.nativeblas.OpaqueContext;

/**
 * One thread's calls of ND4J's {@code matmul} operation, which oneDNN runs, on blocks of contiguous memory.
 *
 * <p>The operands are given to ND4J's native context as addresses and shapes, not as arrays: refilling a context so costs 0.7
 * microseconds and no memory, a call of 64 x 64 matrices 6; the same through {@code Nd4j.exec} costs 25 and leaves garbage. Each call
 * runs on one OpenMP thread, whatever the environment says: the parallelism is that of the caller's threads.
 */
final class Nd4jMatmul implements MatrixProduct {
    private static final NativeOps NATIVE = nativeOps();
    private static final long OPERATION =
            DynamicCustomOp.builder("matmul").build().opHash();

    private final Operand left;
    private final Operand right;
    private final Operand out;
    private final OpaqueContext context = NATIVE.createGraphContext(1);
    private final LongPointer transposes = new LongPointer(0, 0, 0);
    private final DoublePointer factors = new DoublePointer(1, 0);

    /** @param type of all operands and results: FLOAT or BFLOAT16, whose products oneDNN adds up in floats */
    Nd4jMatmul(DataType type) {
        left = new Operand(type);
        right = new Operand(type);
        out = new Operand(type);
    }

    @Override
    public void run(
            Matrix leftMatrix,
            boolean transposeLeft,
            Matrix rightMatrix,
            boolean transposeRight,
            Matrix outMatrix,
            boolean accumulate) {
        NATIVE.ctxPurge(context);
        left.set(leftMatrix);
        right.set(rightMatrix);
        out.set(outMatrix);
        NATIVE.setGraphContextInputArray(context, 0, left, left.shape, null, null);
        NATIVE.setGraphContextInputArray(context, 1, right, right.shape, null, null);
        NATIVE.setGraphContextOutputArray(context, 0, out, out.shape, null, null);
        transposes.put(0, transposeLeft ? 1 : 0).put(1, transposeRight ? 1 : 0);
        NATIVE.setGraphContextIArguments(context, transposes, 3);
        factors.put(1, accumulate ? 1 : 0);
        NATIVE.setGraphContextTArguments(context, factors, 2);
        int threads = NATIVE.ompGetMaxThreads();
        NATIVE.setOmpNumThreads(1);
        try {
            if (NATIVE.execCustomOp2(null, OPERATION, context) != 0 || NATIVE.lastErrorCode() != 0) {
                throw new IllegalStateException("ND4J could not multiply " + describe(leftMatrix, transposeLeft)
                        + " by " + describe(rightMatrix, transposeRight) + ": " + NATIVE.lastErrorMessage());
            }
        } finally {
            NATIVE.setOmpNumThreads(threads);
        }
    }

    private static String describe(Matrix matrix, boolean transposed) {
        return "[" + matrix.rows() + ", " + matrix.columns() + "]" + (transposed ? " transposed" : "");
    }

    /** This one: only its caller gives it numbers of fewer bits. */
    @Override
    public MatrixProduct exact() {
        return this;
    }

    @Override
    public long workspaceBytes() {
        return 0;
    }

    @Override
    public void close() {
        NATIVE.deleteGraphContext(context);
    }

    private static NativeOps nativeOps() {
        Nd4j.getExecutioner();
        return NativeOpsHolder.getInstance().getDeviceNativeOps();
    }

    /**
     * The address of a matrix for a native call, and its shape as ND4J's native code reads it; the same object at each call, so that none is
     * left on the heap. It owns no numbers.
     */
    private static final class Operand extends Pointer {
        /** Where a matrix's rows, columns and the distance of its rows stand in its shape. */
        private static final int ROWS = 1;

        private static final int COLUMNS = 2;
        private static final int ROW_STRIDE = 3;

        private final LongPointer shape;

        Operand(DataType type) {
            long[] anyShape = Nd4j.getShapeInfoProvider()
                    .createShapeInformation(new long[] {2, 2}, new long[] {2, 1}, 1, 'c', type, false)
                    .getSecond();
            shape = new LongPointer(anyShape);
        }

        void set(Matrix matrix) {
            address = matrix.address();
            shape.put(ROWS, matrix.rows());
            shape.put(COLUMNS, matrix.columns());
            shape.put(ROW_STRIDE, matrix.columns());
        }
    }
}
