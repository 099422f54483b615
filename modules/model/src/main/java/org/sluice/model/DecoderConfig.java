package org.sluice.model;

import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The shape of a pre-norm decoder: grouped-query attention with QK-norm and RoPE, SwiGLU or a mixture of such experts, RMSNorm, no biases.
 *
 * @param layers decoder blocks, at least 1
 * @param hidden the hidden size {@code D}
 * @param heads query heads {@code H}
 * @param kvHeads key/value heads {@code K}, a divisor of {@code heads}
 * @param headDim values of one head {@code E}, even; {@code heads * headDim} need not be {@code hidden}
 * @param ffn the feed-forward size {@code F}; with a mixture that of one expert
 * @param mixture the experts of every feed-forward layer; {@link MixtureConfig#DENSE} for none
 * @param vocabulary the number of token ids {@code V}
 * @param tiedEmbedding whether the classifier's weight is the embedding table
 * @param rope the rotary position embedding
 * @param normEpsilon the epsilon of every RMSNorm
 * @param initialStandardDeviation of every weight matrix before training; see {@link ParameterLayout}
 * @param modifiers what gates or changes the values of every attention layer, at most one at each position; kept in the order of positions
 * @param sandwichNorm whether the output of each attention and feed-forward layer is normalised before it is added to the stream
 * @param residualClip the bound of the residual stream behind each addition; 0 for none
 */
public record DecoderConfig(
        int layers,
        int hidden,
        int heads,
        int kvHeads,
        int headDim,
        int ffn,
        MixtureConfig mixture,
        int vocabulary,
        boolean tiedEmbedding,
        RopeConfig rope,
        double normEpsilon,
        double initialStandardDeviation,
        List<AttentionModifier> modifiers,
        boolean sandwichNorm,
        double residualClip)
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
        Objects.requireNonNull(mixture, "mixture");
        Objects.requireNonNull(rope, "rope");
        requireAboveZero("normEpsilon", normEpsilon);
        requireAboveZero("initialStandardDeviation", initialStandardDeviation);
        if (residualClip != 0) {
            requireAboveZero("residualClip", residualClip);
        }
        modifiers = modifiers.stream()
                .sorted(Comparator.comparing(AttentionModifier::position))
                .toList();
        for (int index = 1; index < modifiers.size(); index++) {
            if (modifiers.get(index).position() == modifiers.get(index - 1).position()) {
                throw new IllegalArgumentException("two modifiers of attention at one position: "
                        + modifiers.get(index - 1) + " and " + modifiers.get(index));
            }
        }
    }

    /** What stands at a position of every attention layer. */
    public Optional<AttentionModifier> modifierAt(GatePosition position) {
        return modifiers.stream()
                .filter(modifier -> modifier.position() == position)
                .findFirst();
    }

    /** The gates among the modifiers, in the order of positions. */
    public List<GateConfig> gates() {
        return modifiers.stream()
                .filter(GateConfig.class::isInstance)
                .map(GateConfig.class::cast)
                .toList();
    }

    /** The same model with these modifiers of attention instead; see {@link #narrowedTo} for giving both the same number of parameters. */
    public DecoderConfig withModifiers(AttentionModifier... newModifiers) {
        return change().modifiers(List.of(newModifiers)).build();
    }

    /** The same model with another feed-forward size. */
    public DecoderConfig withFfn(int newFfn) {
        return change().ffn(newFfn).build();
    }

    /** The same model for another vocabulary. */
    public DecoderConfig withVocabulary(int newVocabulary) {
        return change().vocabulary(newVocabulary).build();
    }

    /** A builder that holds this model's components. */
    public DecoderConfigBuilder change() {
        return new DecoderConfigBuilder(this);
    }

    /**
     * The exact number of parameters, as {@link ParameterCounts} counts them.
     *
     * @throws ArithmeticException if it exceeds 2^63 - 1
     */
    public long parameters() {
        return ParameterCounts.of(this).total();
    }

    /** The parameters that one token meets: all, but of the experts only those that are chosen. */
    public long activeParameters() {
        return ParameterCounts.of(this).active();
    }

    /**
     * The same model with its feed-forward layers narrowed so that it has as nearly as possible a given number of parameters: how a gated
     * model is given the size of its baseline.
     *
     * <p>One unit of {@code ffn} is {@code 3 * hidden * layers} parameters, times the experts. Of the sizes that are a multiple of {@code multiple} and not
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
        long perUnit = 3L * hidden * layers * Math.max(1, mixture.experts());
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

    /** The expert projections of one key or value head: 1 without switch heads. */
    int headExpertsAt(GatePosition position) {
        return modifierAt(position).orElse(null) instanceof SwitchHeads switched ? switched.experts() : 1;
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

    private static void requireAboveZero(String component, double value) {
        // The negation also catches NaN.
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(component + " (" + value + ") must be a finite number above 0");
        }
    }
}
