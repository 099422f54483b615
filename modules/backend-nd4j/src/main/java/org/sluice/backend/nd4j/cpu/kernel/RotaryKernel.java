package org.sluice.backend.nd4j.cpu.kernel;

import static org.sluice.backend.nd4j.cpu.kernel.VectorMath.LANES;
import static org.sluice.backend.nd4j.cpu.kernel.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;

/**
 * QK-norm and rotation of one head's vector in Java arrays. Each half of a vector begins at a multiple of a vector register's length:
 * the second half lies {@code half} floats behind the first, and the floats between them are 0.
 */
public final class RotaryKernel {
    private RotaryKernel() {}

    /** {@code y = rotate(weight * x * inverse)}; the angles of the position are at {@code angle}. */
    public static void forward(
            float[] x,
            int at,
            int half,
            float[] weight,
            float inverse,
            float[] cosine,
            float[] sine,
            int angle,
            float[] y) {
        for (int i = 0; i < half; i += LANES) {
            FloatVector first = FloatVector.fromArray(SPECIES, x, at + i)
                    .mul(inverse)
                    .mul(FloatVector.fromArray(SPECIES, weight, i));
            FloatVector second = FloatVector.fromArray(SPECIES, x, at + half + i)
                    .mul(inverse)
                    .mul(FloatVector.fromArray(SPECIES, weight, half + i));
            FloatVector c = FloatVector.fromArray(SPECIES, cosine, angle + i);
            FloatVector s = FloatVector.fromArray(SPECIES, sine, angle + i);
            first.mul(c).sub(second.mul(s)).intoArray(y, at + i);
            second.mul(c).add(first.mul(s)).intoArray(y, at + half + i);
        }
    }

    /** Rotates {@code dy} back, in place. */
    public static void rotateBack(float[] dy, int at, int half, float[] cosine, float[] sine, int angle) {
        for (int i = 0; i < half; i += LANES) {
            FloatVector first = FloatVector.fromArray(SPECIES, dy, at + i);
            FloatVector second = FloatVector.fromArray(SPECIES, dy, at + half + i);
            FloatVector c = FloatVector.fromArray(SPECIES, cosine, angle + i);
            FloatVector s = FloatVector.fromArray(SPECIES, sine, angle + i);
            first.mul(c).add(second.mul(s)).intoArray(dy, at + i);
            second.mul(c).sub(first.mul(s)).intoArray(dy, at + half + i);
        }
    }
}
