package org.sluice.backend.nd4j.cpu.kernel;

import static org.sluice.backend.nd4j.cpu.kernel.VectorMath.LANES;
import static org.sluice.backend.nd4j.cpu.kernel.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;
import org.sluice.tensor.GateActivation;

/** Scores of logits in Java arrays, of any activation alike: {@link GateActivation} says what the four numbers mean. */
public record GateScores(float constant, float scale, float product, float linear) {

    public static GateScores of(GateActivation activation) {
        float product = (float) activation.product();
        float linear = (float) activation.linear();
        return new GateScores((float) activation.constant(), (float) activation.scale(), product, linear);
    }

    /** {@code scores = score(logits)} for {@code count} floats, in whole vectors. */
    public void scores(float[] logits, float[] scores, int count) {
        VectorMath.exp(logits, scores, 0, count, -1f);
        FloatVector one = FloatVector.broadcast(SPECIES, 1f);
        FloatVector constants = FloatVector.broadcast(SPECIES, constant);
        FloatVector scales = FloatVector.broadcast(SPECIES, scale);
        FloatVector products = FloatVector.broadcast(SPECIES, product);
        FloatVector linears = FloatVector.broadcast(SPECIES, linear);
        for (int i = 0; i < count; i += LANES) {
            FloatVector z = FloatVector.fromArray(SPECIES, logits, i);
            FloatVector s = one.div(FloatVector.fromArray(SPECIES, scores, i).add(1f));
            s.fma(z.fma(products, scales), z.fma(linears, constants)).intoArray(scores, i);
        }
    }

    /** As {@link #scores}, and {@code logits = slope(logits)}. */
    public void scoresAndSlopes(float[] logits, float[] scores, int count) {
        VectorMath.exp(logits, scores, 0, count, -1f);
        FloatVector one = FloatVector.broadcast(SPECIES, 1f);
        FloatVector constants = FloatVector.broadcast(SPECIES, constant);
        FloatVector scales = FloatVector.broadcast(SPECIES, scale);
        FloatVector products = FloatVector.broadcast(SPECIES, product);
        FloatVector linears = FloatVector.broadcast(SPECIES, linear);
        for (int i = 0; i < count; i += LANES) {
            FloatVector z = FloatVector.fromArray(SPECIES, logits, i);
            FloatVector s = one.div(FloatVector.fromArray(SPECIES, scores, i).add(1f));
            FloatVector weight = z.fma(products, scales);
            s.fma(weight, z.fma(linears, constants)).intoArray(scores, i);
            weight.mul(s).fma(one.sub(s), s.fma(products, linears)).intoArray(logits, i);
        }
    }
}
