package org.sluice.backend.nd4j.cpu;

import static org.sluice.backend.nd4j.cpu.VectorMath.LANES;
import static org.sluice.backend.nd4j.cpu.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;

/** Gates in Java arrays. All work on whole vectors: arrays reach to the next multiple of their length behind {@code count}. */
final class GateKernels {
    private GateKernels() {}

    /** {@code x *= scores}. */
    static void multiply(float[] x, float[] scores, int count) {
        for (int i = 0; i < count; i += LANES) {
            FloatVector.fromArray(SPECIES, x, i)
                    .mul(FloatVector.fromArray(SPECIES, scores, i))
                    .intoArray(x, i);
        }
    }

    /** {@code x *= factor} from {@code at} on. */
    static void scale(float[] x, int at, int count, float factor) {
        for (int i = at; i < at + count; i += LANES) {
            FloatVector.fromArray(SPECIES, x, i).mul(factor).intoArray(x, i);
        }
    }

    /** The sum of {@code x * y} over {@code count} floats from {@code at} on. */
    static float dot(float[] x, float[] y, int at, int count, float[] lanes) {
        FloatVector sum = FloatVector.zero(SPECIES);
        for (int i = at; i < at + count; i += LANES) {
            sum = FloatVector.fromArray(SPECIES, x, i).fma(FloatVector.fromArray(SPECIES, y, i), sum);
        }
        sum.intoArray(lanes, 0);
        return (float) VectorMath.sumOfLanes(lanes);
    }

    /** From {@code at} on: {@code scores = dout * out * (1 - scores)}, and {@code dout *= scores} with the scores as they came. */
    static void sigmoidGateBackward(float[] dout, float[] out, float[] scores, int at, int count) {
        FloatVector one = FloatVector.broadcast(SPECIES, 1f);
        for (int i = at; i < at + count; i += LANES) {
            FloatVector gradient = FloatVector.fromArray(SPECIES, dout, i);
            FloatVector score = FloatVector.fromArray(SPECIES, scores, i);
            gradient.mul(FloatVector.fromArray(SPECIES, out, i))
                    .mul(one.sub(score))
                    .intoArray(scores, i);
            gradient.mul(score).intoArray(dout, i);
        }
    }

    /** {@code gate = gate * scores * up}. */
    static void swiGlu(float[] gate, float[] scores, float[] up, int count) {
        for (int i = 0; i < count; i += LANES) {
            FloatVector.fromArray(SPECIES, gate, i)
                    .mul(FloatVector.fromArray(SPECIES, scores, i))
                    .mul(FloatVector.fromArray(SPECIES, up, i))
                    .intoArray(gate, i);
        }
    }

    /** {@code gate = dout * up * s * (1 + gate * (1 - s))} and {@code up = dout * gate * s} with the scores {@code s}. */
    static void swiGluBackward(float[] dout, float[] gate, float[] scores, float[] up, int count) {
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
