package org.sluice.backend.nd4j.cpu.kernel;

import static org.sluice.backend.nd4j.cpu.kernel.VectorMath.LANES;
import static org.sluice.backend.nd4j.cpu.kernel.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;

/** RMSNorm of single rows in Java arrays. A row has {@code stride} floats, of which those from {@code size} on are 0. */
public final class RmsNormKernel {
    private RmsNormKernel() {}

    /** {@code 1 / sqrt(mean(x^2) + epsilon)} of the row at {@code at}. */
    public static float inverseRms(float[] x, int at, int stride, int size, double epsilon, float[] lanes) {
        FloatVector even = FloatVector.zero(SPECIES);
        FloatVector odd = FloatVector.zero(SPECIES);
        int i = at;
        for (; i + LANES < at + stride; i += 2 * LANES) {
            FloatVector first = FloatVector.fromArray(SPECIES, x, i);
            FloatVector second = FloatVector.fromArray(SPECIES, x, i + LANES);
            even = first.fma(first, even);
            odd = second.fma(second, odd);
        }
        if (i < at + stride) {
            FloatVector last = FloatVector.fromArray(SPECIES, x, i);
            even = last.fma(last, even);
        }
        even.add(odd).intoArray(lanes, 0);
        double squares = VectorMath.sumOfLanes(lanes);
        return (float) (1 / Math.sqrt(squares / size + epsilon));
    }

    /** {@code y = weight * x * inverse}. */
    public static void scale(float[] x, int at, int stride, float[] weight, float inverse, float[] y) {
        for (int i = 0; i < stride; i += LANES) {
            FloatVector.fromArray(SPECIES, x, at + i)
                    .mul(inverse)
                    .mul(FloatVector.fromArray(SPECIES, weight, i))
                    .intoArray(y, at + i);
        }
    }

    /** {@code x += addend}. */
    public static void add(float[] x, float[] addend, int count) {
        for (int i = 0; i < count; i += LANES) {
            FloatVector.fromArray(SPECIES, x, i)
                    .add(FloatVector.fromArray(SPECIES, addend, i))
                    .intoArray(x, i);
        }
    }

    /** The sum of {@code dy * weight * x} over the row at {@code at}. */
    public static double dot(float[] dy, float[] weight, float[] x, int at, int stride, float[] lanes) {
        FloatVector sum = FloatVector.zero(SPECIES);
        for (int i = 0; i < stride; i += LANES) {
            sum = FloatVector.fromArray(SPECIES, dy, at + i)
                    .mul(FloatVector.fromArray(SPECIES, weight, i))
                    .fma(FloatVector.fromArray(SPECIES, x, at + i), sum);
        }
        sum.intoArray(lanes, 0);
        return VectorMath.sumOfLanes(lanes);
    }

    /**
     * {@code dx = inverse * (dy * weight) - x * along}, added to {@code dx} if {@code accumulate}, and {@code weightSums += dy * x *
     * inverse} from {@code sumsAt} on, where {@code along = inverse^3 * mean(dy * weight * x)}.
     */
    public static void backward(
            float[] dy,
            float[] weight,
            float[] x,
            int at,
            int stride,
            float inverse,
            float along,
            float[] dx,
            boolean accumulate,
            float[] weightSums,
            int sumsAt) {
        for (int i = 0; i < stride; i += LANES) {
            FloatVector scaled = FloatVector.fromArray(SPECIES, dy, at + i).mul(inverse);
            FloatVector input = FloatVector.fromArray(SPECIES, x, at + i);
            FloatVector gradient = input.fma(
                    FloatVector.broadcast(SPECIES, -along), scaled.mul(FloatVector.fromArray(SPECIES, weight, i)));
            if (accumulate) {
                gradient = FloatVector.fromArray(SPECIES, dx, at + i).add(gradient);
            }
            gradient.intoArray(dx, at + i);
            scaled.fma(input, FloatVector.fromArray(SPECIES, weightSums, sumsAt + i))
                    .intoArray(weightSums, sumsAt + i);
        }
    }
}
