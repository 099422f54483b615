package org.sluice.backend.nd4j.cpu.kernel;

import static org.sluice.backend.nd4j.cpu.kernel.VectorMath.LANES;
import static org.sluice.backend.nd4j.cpu.kernel.VectorMath.SPECIES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** The softmax of one long row in a Java array, which reaches to the next multiple of a vector's length behind {@code count}. */
public final class SoftmaxKernel {
    /** Floats that are added in float before they are added in double. */
    private static final int BLOCK = 128 * LANES;

    private SoftmaxKernel() {}

    /**
     * The largest of {@code count} floats; where one is NaN, NaN or any of them, since the sum of the exponentials is NaN then in any
     * case. Puts minus infinity into the room behind them.
     */
    public static float maximum(float[] row, int count, float[] lanes) {
        Arrays.fill(row, count, VectorMath.padded(count), Float.NEGATIVE_INFINITY);
        FloatVector even = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        FloatVector odd = even;
        int i = 0;
        for (; i + LANES < count; i += 2 * LANES) {
            FloatVector first = FloatVector.fromArray(SPECIES, row, i);
            FloatVector second = FloatVector.fromArray(SPECIES, row, i + LANES);
            even = first.blend(even, first.compare(VectorOperators.LE, even));
            odd = second.blend(odd, second.compare(VectorOperators.LE, odd));
        }
        if (i < count) {
            FloatVector last = FloatVector.fromArray(SPECIES, row, i);
            even = last.blend(even, last.compare(VectorOperators.LE, even));
        }
        even.intoArray(lanes, 0);
        float maximum = largest(lanes);
        odd.intoArray(lanes, 0);
        return Math.max(maximum, largest(lanes));
    }

    private static float largest(float[] lanes) {
        float largest = lanes[0];
        for (int lane = 1; lane < LANES; lane++) {
            largest = Math.max(largest, lanes[lane]);
        }
        return largest;
    }

    /** {@code row = exp(row - maximum)}; returns the sum. The room behind {@code count} holds minus infinity. */
    public static double exponentials(float[] row, int count, float maximum, float[] lanes) {
        double total = 0;
        for (int from = 0; from < count; from += BLOCK) {
            int to = Math.min(count, from + BLOCK);
            subtract(row, from, to, maximum);
            VectorMath.exp(row, from, to - from, 1f);
            total += sum(row, from, to, lanes);
        }
        return total;
    }

    private static void subtract(float[] row, int from, int to, float subtrahend) {
        for (int i = from; i < to; i += LANES) {
            FloatVector.fromArray(SPECIES, row, i).sub(subtrahend).intoArray(row, i);
        }
    }

    private static double sum(float[] row, int from, int to, float[] lanes) {
        FloatVector sum = FloatVector.zero(SPECIES);
        for (int i = from; i < to; i += LANES) {
            sum = FloatVector.fromArray(SPECIES, row, i).add(sum);
        }
        sum.intoArray(lanes, 0);
        return VectorMath.sumOfLanes(lanes);
    }
}
