package org.sluice.backend.nd4j.cpu;

import java.util.function.Supplier;
import org.sluice.backend.nd4j.cpu.kernel.VectorMath;

/**
 * One thread's own Java arrays, kept from operation to operation so that none allocates once it has run at its size.
 *
 * <p>An array is asked for by its place; operations that run one after the other share the places. Arrays are at least as long as
 * asked for, and hold whatever the operation before left in them.
 */
final class Scratch implements AutoCloseable {
    /** Floats of a tile: four of them fit a first-level cache of 32 KiB. */
    static final int TILE = 2048;

    private static final int PLACES = 16;

    private final int thread;
    private final float[][] floats = new float[PLACES][0];
    private final float[] lanes = new float[VectorMath.LANES];
    private int[] ints = new int[0];
    private final Supplier<MatrixProduct> products;
    private MatrixProduct matrixProduct;

    /**
     * @param thread the number of the thread in its team, from 0
     * @param products makes the thread's way to multiply matrices, once there is something to multiply
     */
    Scratch(int thread, Supplier<MatrixProduct> products) {
        this.thread = thread;
        this.products = products;
    }

    int thread() {
        return thread;
    }

    float[] floats(int place, int length) {
        if (floats[place].length < length) {
            floats[place] = new float[length];
        }
        return floats[place];
    }

    int[] ints(int length) {
        if (ints.length < length) {
            ints = new int[length];
        }
        return ints;
    }

    /** The thread's way to multiply matrices. */
    MatrixProduct matrixProduct() {
        if (matrixProduct == null) {
            matrixProduct = products.get();
        }
        return matrixProduct;
    }

    /** Room for one vector. */
    float[] lanes() {
        return lanes;
    }

    /** The bytes outside the Java heap that the thread's products hold. */
    long workspaceBytes() {
        return matrixProduct == null ? 0 : matrixProduct.workspaceBytes();
    }

    @Override
    public void close() {
        if (matrixProduct != null) {
            matrixProduct.close();
            matrixProduct = null;
        }
    }
}
