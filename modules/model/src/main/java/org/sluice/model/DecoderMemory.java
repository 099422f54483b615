package org.sluice.model;

import org.sluice.tensor.DType;

/**
 * What a decoder takes of its backend's memory, in bytes, known before anything is allocated.
 *
 * <p>With {@code S} the scores of one token at a gate, {@code W} the width of what is gated and {@code C} the rows of logits that exist at
 * once, the numbers kept for each of the {@code N} rows are:
 *
 * <pre>
 * norm        2 D + 1                                     twice a layer, and the final one
 * attention   3 H E + 3 K E + 2 H + K                     once a layer, and at each modifier:
 *   gate      W + S
 *   head norm H E + H
 *   switch    K X E + K X
 * sandwich    D + 1                                       twice a layer, if there is one
 * ffn         3 F                                         once a layer
 * mixture     X + 1 + k (1 + 2 D + 3 F) + 2 k int32       once a layer, instead of ffn
 * always      D (branch) + 2 (losses) + 3 int32 (tokens, targets, first visible position)
 *             and with a mixture 1 int32 (routed), with a learned gate 1
 * training    2 D + 2 H E + 2 K E + H + F                 gradients, shared between layers
 *             with a mixture k (1 + D + F) instead of F; and for a gate at the dense output D,
 *             a head norm H E, switch heads K X E + K X, sandwich norm D
 * </pre>
 *
 * and beside them {@code C V} logits, {@code T E} rotary angles and one 8-byte sum; with a mixture {@code X + 1} int32 a layer and
 * {@code X + 1} 8-byte sums, in training {@code X} more. In evaluation all layers share the memory of one, and all norms that of one.
 *
 * @param parameters the flat space of parameters
 * @param gradients the flat space of their gradients; 0 in evaluation
 * @param activations everything else
 */
public record DecoderMemory(long parameters, long gradients, long activations) {

    /**
     * What a decoder of these settings takes.
     *
     * @param dtype the type of parameters and activations
     * @param sequences {@code B}
     * @param length {@code T}
     */
    public static DecoderMemory of(DecoderConfig config, DType dtype, int sequences, int length, DecoderMode mode) {
        boolean training = mode == DecoderMode.TRAINING;
        int rows = new BatchShape(sequences, length).rows();
        long flat = config.parameters() * dtype.bytes();
        long layers = training ? config.layers() : 1;
        long norms = training ? 2L * config.layers() + 1 : 1;
        long losses = 2;
        long perRow = layersPerRow(config, norms, layers) + losses + (training ? gradients(config) : 0);
        long logits = (long) ClassifierHead.chunkRows(rows, config.vocabulary(), dtype) * config.vocabulary();
        long rotary = (long) length * config.headDim();
        long floating = (rows * perRow + logits + rotary) * dtype.bytes();
        return new DecoderMemory(
                flat, training ? flat : 0, floating + fixed(rows) + routing(config, rows, layers, training));
    }

    /** All of it. */
    public long total() {
        return parameters + gradients + activations;
    }

    /**
     * The numbers that the layers and the branch keep for each row, in the forward.
     *
     * @param norms how many have memory of their own
     * @param layers how many have memory of their own
     */
    static long layersPerRow(DecoderConfig config, long norms, long layers) {
        return norms * (2L * config.hidden() + 1)
                + layers * (attention(config) + sandwich(config) + feedForward(config))
                + config.hidden()
                + (hasLearnedGate(config) ? 1 : 0);
    }

    private static long fixed(int rows) {
        return 3L * rows * DType.INT32.bytes() + DType.FLOAT64.bytes();
    }

    /** The integers and 8-byte numbers of routers. */
    static long routing(DecoderConfig config, int rows, long layers, boolean training) {
        if (!config.mixture().isPresent()) {
            return 0;
        }
        long experts = config.mixture().experts();
        long integers = rows + layers * (2L * config.mixture().chosen() * rows + experts + 1);
        long sums = experts + 1 + (training ? experts : 0);
        return integers * DType.INT32.bytes() + sums * DType.FLOAT64.bytes();
    }

    private static long attention(DecoderConfig config) {
        long modifiers = config.modifiers().stream()
                .mapToLong(modifier -> modifier(config, modifier))
                .sum();
        return 3L * config.queryWidth() + 3L * config.keyWidth() + 2L * config.heads() + config.kvHeads() + modifiers;
    }

    private static long modifier(DecoderConfig config, AttentionModifier modifier) {
        if (modifier instanceof GateConfig gate) {
            long heads = ParameterCounts.headsAt(config, gate.position());
            long width = gate.position() == GatePosition.DENSE_OUTPUT ? config.hidden() : heads * config.headDim();
            return width + ParameterCounts.scores(config, gate);
        }
        if (modifier instanceof SwitchHeads switched) {
            return switchedHeads(config, switched);
        }
        return (long) config.queryWidth() + config.heads();
    }

    private static long switchedHeads(DecoderConfig config, SwitchHeads switched) {
        return (long) config.kvHeads() * switched.experts() * (config.headDim() + 1);
    }

    private static long sandwich(DecoderConfig config) {
        return config.sandwichNorm() ? 2L * (config.hidden() + 1) : 0;
    }

    private static long feedForward(DecoderConfig config) {
        if (!config.mixture().isPresent()) {
            return 3L * config.ffn();
        }
        long chosen = config.mixture().chosen();
        return config.mixture().experts() + 1 + chosen * (1 + 2L * config.hidden() + 3L * config.ffn());
    }

    private static long gradients(DecoderConfig config) {
        return 2L * config.hidden()
                + 2L * config.queryWidth()
                + 2L * config.keyWidth()
                + config.heads()
                + feedForwardGradients(config)
                + (config.sandwichNorm() ? config.hidden() : 0)
                + config.modifiers().stream()
                        .mapToLong(modifier -> modifierGradients(config, modifier))
                        .sum();
    }

    private static long feedForwardGradients(DecoderConfig config) {
        return config.mixture().isPresent()
                ? config.mixture().chosen() * (1L + config.hidden() + config.ffn())
                : config.ffn();
    }

    private static long modifierGradients(DecoderConfig config, AttentionModifier modifier) {
        if (modifier instanceof SwitchHeads switched) {
            return switchedHeads(config, switched);
        }
        if (modifier instanceof HeadNorm) {
            return config.queryWidth();
        }
        return modifier.position() == GatePosition.DENSE_OUTPUT ? config.hidden() : 0;
    }

    private static boolean hasLearnedGate(DecoderConfig config) {
        return config.gates().stream().anyMatch(gate -> gate.source() == GateSource.LEARNED);
    }
}
