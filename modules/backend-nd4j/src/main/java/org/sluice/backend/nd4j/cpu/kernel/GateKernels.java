package org.sluice.backend.nd4j.cpu.kernel;

import static org.sluice.backend.nd4j.cpu.kernel.VectorMath.LANES;
import static org.sluice.backend.nd4j.cpu.kernel.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;
import org.sluice.tensor.GateCombine;

/** Gates in Java arrays. All work on whole vectors: arrays reach to the next multiple of their length behind {@code count}. */
public final class GateKernels {
    private GateKernels() {}

    /** {@code x *= scores} or {@code x += scores}. */
    public static void combine(GateCombine combine, float[] x, int at, float[] scores, int scoresAt, int count) {
        switch (combine) {
            case MULTIPLICATIVE -> multiply(x, at, scores, scoresAt, count);
            case ADDITIVE -> VectorMath.addScaled(x, at, scores, scoresAt, 1f, count);
        }
    }

    /** {@code x *= factors} from {@code at} and {@code factorsAt} on. */
    public static void multiply(float[] x, int at, float[] factors, int factorsAt, int count) {
        for (int i = 0; i < count; i += LANES) {
            FloatVector.fromArray(SPECIES, x, at + i)
                    .mul(FloatVector.fromArray(SPECIES, factors, factorsAt + i))
                    .intoArray(x, at + i);
        }
    }

    /** {@code x *= factor} from {@code at} on. */
    public static void scale(float[] x, int at, int count, float factor) {
        for (int i = at; i < at + count; i += LANES) {
            FloatVector.fromArray(SPECIES, x, i).mul(factor).intoArray(x, i);
        }
    }

    /** {@code x += addend} from {@code at} on. */
    public static void add(float[] x, int at, int count, float addend) {
        for (int i = at; i < at + count; i += LANES) {
            FloatVector.fromArray(SPECIES, x, i).add(addend).intoArray(x, i);
        }
    }

    /** The sum of {@code x * y} over {@code count} floats, from {@code at} and {@code yAt} on. */
    public static float dot(float[] x, int at, float[] y, int yAt, int count, float[] lanes) {
        FloatVector sum = FloatVector.zero(SPECIES);
        for (int i = 0; i < count; i += LANES) {
            sum = FloatVector.fromArray(SPECIES, x, at + i).fma(FloatVector.fromArray(SPECIES, y, yAt + i), sum);
        }
        sum.intoArray(lanes, 0);
        return (float) VectorMath.sumOfLanes(lanes);
    }

    /** {@code means[i]} is the mean of {@code x[at + i]} over {@code rows} rows of {@code stride} floats, added in their order. */
    public static void mean(float[] x, int at, int rows, int stride, float[] means) {
        for (int i = 0; i < stride; i += LANES) {
            FloatVector sum = FloatVector.fromArray(SPECIES, x, at + i);
            for (int row = 1; row < rows; row++) {
                sum = FloatVector.fromArray(SPECIES, x, at + row * stride + i).add(sum);
            }
            sum.div(rows).intoArray(means, i);
        }
    }

    /** {@code slopes = dout * x * slopes} and {@code dout *= scores}. */
    public static void backward(float[] dout, float[] x, float[] scores, float[] slopes, int count) {
        for (int i = 0; i < count; i += LANES) {
            FloatVector gradient = FloatVector.fromArray(SPECIES, dout, i);
            gradient.mul(FloatVector.fromArray(SPECIES, x, i))
                    .mul(FloatVector.fromArray(SPECIES, slopes, i))
                    .intoArray(slopes, i);
            gradient.mul(FloatVector.fromArray(SPECIES, scores, i)).intoArray(dout, i);
        }
    }

    /** {@code gate = gate * scores * up}. */
    public static void swiGlu(float[] gate, float[] scores, float[] up, int count) {
        for (int i = 0; i < count; i += LANES) {
            FloatVector.fromArray(SPECIES, gate, i)
                    .mul(FloatVector.fromArray(SPECIES, scores, i))
                    .mul(FloatVector.fromArray(SPECIES, up, i))
                    .intoArray(gate, i);
        }
    }

    /** {@code gate = dout * up * s * (1 + gate * (1 - s))} and {@code up = dout * gate * s} with the scores {@code s}. */
    public static void swiGluBackward(float[] dout, float[] gate, float[] scores, float[] up, int count) {
        FloatVector one = FloatVector.broadcast(SPECIES, 1f);
        for (int i = 0; i < count; i += LANES) {
            FloatVector logit = FloatVector.fromArray(SPECIES, gate, i);
            FloatVector score = FloatVector.fromArray(SPECIES, scores, i);
            FloatVector scaled = FloatVector.fromArray(SPECIES, dout, i).mul(score);
            FloatVector slope = logit.fma(one.sub(score), one);
            scaled.mul(FloatVector.fromArray(SPECIES, up, i)).mul(slope).intoArray(gate, i);
            scaled.mul(logit).intoArray(up, i);
        }
    }
}
