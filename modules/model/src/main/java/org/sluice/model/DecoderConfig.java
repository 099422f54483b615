package org.sluice.model;

import java.io.Serializable;
import java.util.Objects;

/**
 * The shape of a pre-norm decoder: grouped-query attention with QK-norm and RoPE, SwiGLU, RMSNorm, no biases.
 *
 * @param layers decoder blocks, at least 1
 * @param hidden the hidden size {@code D}
 * @param heads query heads {@code H}
 * @param kvHeads key/value heads {@code K}, a divisor of {@code heads}
 * @param headDim values of one head {@code E}, even; {@code heads * headDim} need not be {@code hidden}
 * @param ffn the feed-forward size {@code F}
 * @param vocabulary the number of token ids {@code V}
 * @param tiedEmbedding whether the classifier's weight is the embedding table
 * @param ropeBase the base of the rotary angles: position {@code t} turns pair {@code i} by {@code t * ropeBase^(-2 i / E)}
 * @param normEpsilon the epsilon of every RMSNorm
 * @param initialStandardDeviation of every weight matrix before training; see {@link ParameterLayout}
 * @param gate the gate of every attention layer
 */
public record DecoderConfig(
        int layers,
        int hidden,
        int heads,
        int kvHeads,
        int headDim,
        int ffn,
        int vocabulary,
        boolean tiedEmbedding,
        double ropeBase,
        double normEpsilon,
        double initialStandardDeviation,
        GateConfig gate)
        implements Serializable {

    /**
     * Checks every component.
     *
     * @throws IllegalArgumentException if one is out of range; the message names it, its value and what it must be
     */
    public DecoderConfig {
        requirePositive("layers", layers);
        requirePositive("hidden", hidden);
        requirePositive("heads", heads);
        requirePositive("kvHeads", kvHeads);
        requirePositive("headDim", headDim);
        requirePositive("ffn", ffn);
        requirePositive("vocabulary", vocabulary);
        if (heads % kvHeads != 0) {
            throw new IllegalArgumentException("heads (" + heads + ") must be divisible by kvHeads (" + kvHeads + ")");
        }
        if (headDim % 2 != 0) {
            throw new IllegalArgumentException(
                    "headDim (" + headDim + ") must be even: rotary position embedding turns pairs of values");
        }
        requireAbove("ropeBase", ropeBase, 1);
        requireAbove("normEpsilon", normEpsilon, 0);
        requireAbove("initialStandardDeviation", initialStandardDeviation, 0);
        Objects.requireNonNull(gate, "gate");
    }

    /** The same model with another gate; see {@link #narrowedTo} for giving both the same number of parameters. */
    public DecoderConfig withGate(GateConfig newGate) {
        return new DecoderConfig(
                layers,
                hidden,
                heads,
                kvHeads,
                headDim,
                ffn,
                vocabulary,
                tiedEmbedding,
                ropeBase,
                normEpsilon,
                initialStandardDeviation,
                newGate);
    }

    /** The same model with another feed-forward size. */
    public DecoderConfig withFfn(int newFfn) {
        return new DecoderConfig(
                layers,
                hidden,
                heads,
                kvHeads,
                headDim,
                newFfn,
                vocabulary,
                tiedEmbedding,
                ropeBase,
                normEpsilon,
                initialStandardDeviation,
                gate);
    }

    /** The same model for another vocabulary. */
    public DecoderConfig withVocabulary(int newVocabulary) {
        return new DecoderConfig(
                layers,
                hidden,
                heads,
                kvHeads,
                headDim,
                ffn,
                newVocabulary,
                tiedEmbedding,
                ropeBase,
                normEpsilon,
                initialStandardDeviation,
                gate);
    }

    /**
     * The exact number of parameters:
     *
     * <pre>
     * V D (2 if untied) + D + layers * (D (H E + 2 K E + scores) + H E D + 3 D F + 2 D + 2 E)
     * </pre>
     *
     * where {@code scores} is {@link GateConfig#scoresPerToken}.
     *
     * @throws ArithmeticException if it exceeds 2^63 - 1
     */
    public long parameters() {
        long rowsPerLayer =
                2L * heads * headDim + 2L * kvHeads * headDim + gate.scoresPerToken(heads, headDim) + 3L * ffn + 2;
        long layer = Math.addExact(Math.multiplyExact(rowsPerLayer, hidden), 2L * headDim);
        long tables = Math.multiplyExact((tiedEmbedding ? 1L : 2L) * vocabulary, hidden);
        return Math.addExact(Math.addExact(tables, hidden), Math.multiplyExact(layer, layers));
    }

    /**
     * The same model with its feed-forward layers narrowed so that it has as nearly as possible a given number of parameters: how a gated
     * model is given the size of its baseline.
     *
     * <p>One unit of {@code ffn} is {@code 3 * hidden * layers} parameters. Of the sizes that are a multiple of {@code multiple} and not
     * above the present one, and the present one itself, the result has the one whose count is nearest to {@code parameterCount}; of
     * two equally near ones the smaller.
     *
     * @param parameterCount the number of parameters to come near to, for example the baseline's {@link #parameters}
     * @param multiple what the new size is a multiple of, for the speed of matrix products; at least 1
     * @throws IllegalArgumentException if this model already has fewer parameters, or if no size is small enough
     */
    public DecoderConfig narrowedTo(long parameterCount, int multiple) {
        requirePositive("multiple", multiple);
        if (parameterCount > parameters()) {
            throw new IllegalArgumentException("a model of " + parameters() + " parameters cannot be narrowed to "
                    + parameterCount + ", which is more");
        }
        long perUnit = 3L * hidden * layers;
        long withoutFfn = parameters() - perUnit * ffn;
        long roomForFfn = parameterCount - withoutFfn;
        if (roomForFfn < perUnit) {
            throw new IllegalArgumentException("a model with " + withoutFfn
                    + " parameters outside its feed-forward layers cannot be narrowed to " + parameterCount
                    + "; that leaves less than a feed-forward size of 1");
        }
        long below = roomForFfn / perUnit / multiple * multiple;
        long best = Math.max(below, Math.min(multiple, ffn));
        for (long candidate : new long[] {Math.min(below + multiple, ffn), ffn}) {
            if (Math.abs(candidate * perUnit - roomForFfn) < Math.abs(best * perUnit - roomForFfn)) {
                best = candidate;
            }
        }
        return withFfn(Math.toIntExact(best));
    }

    /** How many query heads read one key/value head. */
    public int headsPerKvHead() {
        return heads / kvHeads;
    }

    /** The values of all query heads of one token, {@code H * E}. */
    public int queryWidth() {
        return Math.multiplyExact(heads, headDim);
    }

    /** The values of all key heads of one token, {@code K * E}. */
    public int keyWidth() {
        return Math.multiplyExact(kvHeads, headDim);
    }

    /** What scores are multiplied by before the softmax, {@code 1 / sqrt(E)}. */
    public double attentionScale() {
        return 1 / Math.sqrt(headDim);
    }

    private static void requirePositive(String component, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(component + " (" + value + ") must be at least 1");
        }
    }

    private static void requireAbove(String component, double value, double bound) {
        // The negation also catches NaN.
        if (!(value > bound) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(
                    component + " (" + value + ") must be a finite number above " + (long) bound);
        }
    }
}
