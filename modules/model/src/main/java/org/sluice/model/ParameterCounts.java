package org.sluice.model;

import java.util.EnumMap;
import java.util.Map;

/**
 * How many parameters a model has in each of its parts, from its shape alone.
 *
 * <pre>
 * EMBEDDING     V D
 * CLASSIFIER    V D, or 0 if tied
 * ATTENTION     layers * (D (2 H E + K E keyExperts + K E valueExperts) + 2 E)
 * GATES         layers * the sum over modifiers: a gate of S scores D S (learned S, of itself 0); a head norm E;
 *               switch heads D K experts for their scores
 * FEED_FORWARD  layers * 3 D F, times X with a mixture
 * ROUTER        layers * X D
 * NORMS         D + layers * 2 D, and 2 D more a layer with sandwich norm
 * </pre>
 *
 * @param parts the parameters of each part, in the order of the parts
 * @param active the parameters that one token meets: all, but {@code k} of the {@code X} experts
 */
public record ParameterCounts(Map<Part, Long> parts, long active) {

    /** A part of a model. */
    public enum Part {
        EMBEDDING,
        CLASSIFIER,
        ATTENTION,
        GATES,
        FEED_FORWARD,
        ROUTER,
        NORMS
    }

    /**
     * Counts a model's parameters.
     *
     * @throws ArithmeticException if there are more than 2^63 - 1
     */
    public static ParameterCounts of(DecoderConfig config) {
        long hidden = config.hidden();
        long table = Math.multiplyExact(config.vocabulary(), hidden);
        int experts = config.mixture().experts();
        long expert = Math.multiplyExact(3L * config.ffn(), hidden);
        Map<Part, Long> parts = new EnumMap<>(Part.class);
        parts.put(Part.EMBEDDING, table);
        parts.put(Part.CLASSIFIER, config.tiedEmbedding() ? 0 : table);
        parts.put(Part.ATTENTION, perLayer(config, attention(config)));
        parts.put(
                Part.GATES,
                perLayer(
                        config,
                        config.modifiers().stream()
                                .mapToLong(modifier -> modifier(config, modifier))
                                .sum()));
        parts.put(Part.FEED_FORWARD, perLayer(config, Math.multiplyExact(expert, Math.max(1, experts))));
        parts.put(Part.ROUTER, perLayer(config, experts * hidden));
        parts.put(Part.NORMS, hidden + perLayer(config, (config.sandwichNorm() ? 4 : 2) * hidden));
        long total = sum(parts);
        long idle = config.mixture().isPresent()
                ? perLayer(config, expert * (experts - config.mixture().chosen()))
                : 0;
        return new ParameterCounts(parts, total - idle);
    }

    /** The rows of a gate's weight, which are its scores for one token. */
    static int scores(DecoderConfig config, GateConfig gate) {
        if (gate.position() == GatePosition.DENSE_OUTPUT) {
            return config.hidden();
        }
        int heads = headsAt(config, gate.position());
        return gate.granularity() == GateGranularity.HEADWISE ? heads : Math.multiplyExact(heads, config.headDim());
    }

    /** The heads at a position of attention. */
    static int headsAt(DecoderConfig config, GatePosition position) {
        return switch (position) {
            case SDPA_OUTPUT, QUERY -> config.heads();
            case VALUE, KEY -> config.kvHeads();
            case DENSE_OUTPUT -> 1;
        };
    }

    /** All parameters. */
    public long total() {
        return sum(parts);
    }

    private static long attention(DecoderConfig config) {
        long keyAndValue = (long) config.keyWidth()
                * (config.headExpertsAt(GatePosition.KEY) + config.headExpertsAt(GatePosition.VALUE));
        return config.hidden() * (2L * config.queryWidth() + keyAndValue) + 2L * config.headDim();
    }

    /** The parameters of a modifier in one layer. */
    static long modifier(DecoderConfig config, AttentionModifier modifier) {
        if (modifier instanceof GateConfig gate) {
            long scores = scores(config, gate);
            return switch (gate.source()) {
                case HIDDEN -> scores * config.hidden();
                case LEARNED -> scores;
                case SELF -> 0;
            };
        }
        if (modifier instanceof SwitchHeads switched) {
            return (long) config.kvHeads() * switched.experts() * config.hidden();
        }
        return config.headDim();
    }

    private static long perLayer(DecoderConfig config, long layer) {
        return Math.multiplyExact(layer, config.layers());
    }

    private static long sum(Map<Part, Long> parts) {
        return parts.values().stream().reduce(0L, Math::addExact);
    }
}
