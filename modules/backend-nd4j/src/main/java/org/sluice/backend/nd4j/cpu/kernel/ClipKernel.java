package org.sluice.backend.nd4j.cpu.kernel;

import static org.sluice.backend.nd4j.cpu.kernel.VectorMath.LANES;
import static org.sluice.backend.nd4j.cpu.kernel.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** The clip in Java arrays, by comparisons, which NaN fails: it stays, and so does its gradient. All work on whole vectors. */
public final class ClipKernel {
    private ClipKernel() {}

    /** {@code x = min(max(x, -bound), bound)}. */
    public static void forward(float[] x, float bound, int count) {
        for (int i = 0; i < count; i += LANES) {
            FloatVector value = FloatVector.fromArray(SPECIES, x, i);
            value = value.blend(bound, value.compare(VectorOperators.GT, bound));
            value.blend(-bound, value.compare(VectorOperators.LT, -bound)).intoArray(x, i);
        }
    }

    /** {@code gradient = 0} where {@code x} is at the bound. */
    public static void backward(float[] x, float bound, float[] gradient, int count) {
        for (int i = 0; i < count; i += LANES) {
            FloatVector size = FloatVector.fromArray(SPECIES, x, i).abs();
            FloatVector.fromArray(SPECIES, gradient, i)
                    .blend(0f, size.compare(VectorOperators.GE, bound))
                    .intoArray(gradient, i);
        }
    }
}
