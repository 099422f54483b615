package org.sluice.backend.nd4j.cpu;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.ShortPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.sluice.backend.nd4j.Nd4jTensor;
import org.sluice.backend.nd4j.cpu.kernel.Bfloat16Kernels;
import org.sluice.backend.nd4j.cpu.kernel.RmsNormKernel;

/**
 * Products of floats whose operands are rounded to bfloat16, which the processor multiplies twice as fast. oneDNN adds them up in floats;
 * the sum is rounded once more, and added to {@code out} in floats, so that gradients never add up in bfloat16.
 *
 * <p>The floor is half of that of floats, and the way of the numbers: 6 bytes for each of an operand, 6 or 10 for each of a result. Where a
 * number is used too few times to be worth its way, the product is one of floats.
 */
final class Bfloat16Product implements MatrixProduct {
    /** Rounding a number costs about as much as half a product saves on so many uses of it. */
    private static final long LEAST_USES = 64;

    /** Rows whose operands and results in bfloat16 stay in the second-level cache. */
    private static final long ROWS_AT_ONCE = 256;

    private final Nd4jMatmul floats = new Nd4jMatmul(DataType.FLOAT);
    private final Nd4jMatmul bfloats = new Nd4jMatmul(DataType.BFLOAT16);
    private final NativeWorkspace leftMemory = new NativeWorkspace("bfloat16 operands of backend cpu");
    private final NativeWorkspace rightMemory = new NativeWorkspace("bfloat16 operands of backend cpu");
    private final NativeWorkspace outMemory = new NativeWorkspace("bfloat16 results of backend cpu");
    private final Floats source = new Floats();
    private final Shorts target = new Shorts();
    private final float[] tile = new float[Scratch.TILE];
    private final float[] sum = new float[Scratch.TILE];
    private final short[] rounded = new short[Scratch.TILE];

    @Override
    public void run(
            Matrix left, boolean transposeLeft, Matrix right, boolean transposeRight, Matrix out, boolean accumulate) {
        long inner = transposeLeft ? left.rows() : left.columns();
        if (Math.min(inner, Math.min(out.rows(), out.columns())) < LEAST_USES) {
            floats.run(left, transposeLeft, right, transposeRight, out, accumulate);
            return;
        }
        Matrix factor = rounded(right, rightMemory);
        if (transposeLeft) {
            multiply(rounded(left, leftMemory), true, factor, transposeRight, out, accumulate);
            return;
        }
        for (long row = 0; row < out.rows(); row += ROWS_AT_ONCE) {
            long count = Math.min(ROWS_AT_ONCE, out.rows() - row);
            Matrix rows = rounded(left.rows(row, count), leftMemory);
            multiply(rows, false, factor, transposeRight, out.rows(row, count), accumulate);
        }
    }

    private void multiply(
            Matrix left, boolean transposeLeft, Matrix right, boolean transposeRight, Matrix out, boolean accumulate) {
        Matrix result = room(outMemory, out);
        bfloats.run(left, transposeLeft, right, transposeRight, result, false);
        widen(result, out, accumulate);
    }

    /** Room for as many bfloat16 numbers, two in the place of a float. */
    private static Matrix room(NativeWorkspace memory, Matrix matrix) {
        Nd4jTensor tensor = memory.floats((matrix.elements() + 1) / 2);
        return new Matrix(tensor.address(), matrix.rows(), matrix.columns());
    }

    private Matrix rounded(Matrix matrix, NativeWorkspace memory) {
        Matrix result = room(memory, matrix);
        source.at(matrix.address());
        target.at(result.address());
        for (long start = 0; start < matrix.elements(); start += Scratch.TILE) {
            int count = (int) Math.min(Scratch.TILE, matrix.elements() - start);
            source.position(start).get(tile, 0, count);
            Bfloat16Kernels.round(tile, rounded, count);
            target.position(start).put(rounded, 0, count);
        }
        return result;
    }

    private void widen(Matrix result, Matrix out, boolean accumulate) {
        source.at(out.address());
        target.at(result.address());
        for (long start = 0; start < out.elements(); start += Scratch.TILE) {
            int count = (int) Math.min(Scratch.TILE, out.elements() - start);
            target.position(start).get(rounded, 0, count);
            Bfloat16Kernels.widen(rounded, tile, count);
            if (accumulate) {
                source.position(start).get(sum, 0, count);
                RmsNormKernel.add(tile, sum, count);
            }
            source.position(start).put(tile, 0, count);
        }
    }

    @Override
    public MatrixProduct exact() {
        return floats;
    }

    @Override
    public long workspaceBytes() {
        return leftMemory.bytes() + rightMemory.bytes() + outMemory.bytes();
    }

    @Override
    public void close() {
        floats.close();
        bfloats.close();
        leftMemory.close();
        rightMemory.close();
        outMemory.close();
    }

    /** Floats at an address; owns nothing. */
    private static final class Floats extends FloatPointer {
        Floats() {
            super((Pointer) null);
        }

        void at(long memory) {
            address = memory;
        }
    }

    /** Shorts at an address; owns nothing. */
    private static final class Shorts extends ShortPointer {
        Shorts() {
            super((Pointer) null);
        }

        void at(long memory) {
            address = memory;
        }
    }
}
