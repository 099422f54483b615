package org.sluice.backend.nd4j.cpu;

import java.util.HashMap;
import java.util.Map;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;
import org.nd4j.nativeblas.OpaqueContext;

/**
 * One thread's calls of ND4J's {@code matmul} operation, which oneDNN runs, on blocks of contiguous memory.
 *
 * <p>The operands are given to ND4J's native context as addresses and cached shapes, not as arrays: refilling a context so costs 0.7
 * microseconds and no memory, a call of 64 x 64 matrices 6; the same through {@code Nd4j.exec} costs 25 and leaves garbage. Each call
 * runs on one OpenMP thread, whatever the environment says: the parallelism is that of the caller's threads.
 */
final class Nd4jMatmul implements MatrixProduct {
    private static final NativeOps NATIVE = nativeOps();
    private static final long OPERATION =
            DynamicCustomOp.builder("matmul").build().opHash();

    private final DataType type;
    private final Map<Dimensions, ShapeInformation> shapes = new HashMap<>();
    private final OpaqueContext context = NATIVE.createGraphContext(1);
    private final LongPointer transposes = new LongPointer(0, 0, 0);
    private final DoublePointer factors = new DoublePointer(1, 0);

    /** @param type of all operands and results: FLOAT or BFLOAT16, whose products oneDNN adds up in floats */
    Nd4jMatmul(DataType type) {
        this.type = type;
    }

    private record Dimensions(long rows, long columns) {}

    @Override
    public void run(
            Matrix left, boolean transposeLeft, Matrix right, boolean transposeRight, Matrix out, boolean accumulate) {
        NATIVE.ctxPurge(context);
        NATIVE.setGraphContextInputArray(context, 0, new Address(left.address()), shape(left), null, null);
        NATIVE.setGraphContextInputArray(context, 1, new Address(right.address()), shape(right), null, null);
        NATIVE.setGraphContextOutputArray(context, 0, new Address(out.address()), shape(out), null, null);
        transposes.put(0, transposeLeft ? 1 : 0).put(1, transposeRight ? 1 : 0);
        NATIVE.setGraphContextIArguments(context, transposes, 3);
        factors.put(1, accumulate ? 1 : 0);
        NATIVE.setGraphContextTArguments(context, factors, 2);
        int threads = NATIVE.ompGetMaxThreads();
        NATIVE.setOmpNumThreads(1);
        try {
            if (NATIVE.execCustomOp2(null, OPERATION, context) != 0 || NATIVE.lastErrorCode() != 0) {
                throw new IllegalStateException("ND4J could not multiply " + describe(left, transposeLeft) + " by "
                        + describe(right, transposeRight) + ": " + NATIVE.lastErrorMessage());
            }
        } finally {
            NATIVE.setOmpNumThreads(threads);
        }
    }

    private static String describe(Matrix matrix, boolean transposed) {
        return "[" + matrix.rows() + ", " + matrix.columns() + "]" + (transposed ? " transposed" : "");
    }

    private Pointer shape(Matrix matrix) {
        return shapes.computeIfAbsent(
                        new Dimensions(matrix.rows(), matrix.columns()),
                        dimensions -> ShapeInformation.of(dimensions, type))
                .address();
    }

    @Override
    public void close() {
        NATIVE.deleteGraphContext(context);
    }

    /**
     * A shape as ND4J's native code reads it.
     *
     * @param memory what owns it
     */
    private record ShapeInformation(DataBuffer memory, Pointer address) {
        static ShapeInformation of(Dimensions dimensions, DataType type) {
            DataBuffer memory = Nd4j.getShapeInfoProvider()
                    .createShapeInformation(
                            new long[] {dimensions.rows(), dimensions.columns()},
                            new long[] {dimensions.columns(), 1},
                            1,
                            'c',
                            type,
                            false)
                    .getFirst();
            return new ShapeInformation(memory, memory.addressPointer());
        }
    }

    private static NativeOps nativeOps() {
        Nd4j.getExecutioner();
        return NativeOpsHolder.getInstance().getDeviceNativeOps();
    }

    /** A bare address for a native call; it owns nothing. */
    private static final class Address extends Pointer {
        Address(long address) {
            this.address = address;
        }
    }
}
