package org.sluice.backend.nd4j.cpu;

import static org.sluice.backend.nd4j.cpu.VectorMath.LANES;
import static org.sluice.backend.nd4j.cpu.VectorMath.SPECIES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** The softmax of one long row in a Java array, which reaches to the next multiple of a vector's length behind {@code count}. */
final class SoftmaxKernel {
    /** Floats that are added in float before they are added in double. */
    private static final int BLOCK = 128 * LANES;

    private SoftmaxKernel() {}

    /** The largest of {@code count} floats; NaNs are passed over. Puts minus infinity into the room behind them. */
    static float maximum(float[] row, int count, float[] lanes) {
        Arrays.fill(row, count, VectorMath.padded(count), Float.NEGATIVE_INFINITY);
        FloatVector even = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        FloatVector odd = even;
        int i = 0;
        for (; i + LANES < count; i += 2 * LANES) {
            FloatVector first = FloatVector.fromArray(SPECIES, row, i);
            FloatVector second = FloatVector.fromArray(SPECIES, row, i + LANES);
            even = even.blend(first, first.compare(VectorOperators.GT, even));
            odd = odd.blend(second, second.compare(VectorOperators.GT, odd));
        }
        if (i < count) {
            FloatVector last = FloatVector.fromArray(SPECIES, row, i);
            even = even.blend(last, last.compare(VectorOperators.GT, even));
        }
        even.blend(odd, odd.compare(VectorOperators.GT, even)).intoArray(lanes, 0);
        float maximum = lanes[0];
        for (int lane = 1; lane < LANES; lane++) {
            maximum = Math.max(maximum, lanes[lane]);
        }
        return maximum;
    }

    /** {@code row = exp(row - maximum)}; returns the sum. The room behind {@code count} holds minus infinity. */
    static double exponentials(float[] row, int count, float maximum, float[] lanes) {
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
            sum = sum.add(FloatVector.fromArray(SPECIES, row, i));
        }
        sum.intoArray(lanes, 0);
        return VectorMath.sumOfLanes(lanes);
    }
}
