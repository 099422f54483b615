package org.sluice.model;

import org.sluice.tensor.DType;

/**
 * What a decoder takes of its backend's memory, in bytes, known before anything is allocated.
 *
 * <p>With {@code G} the gate's scores of one token and {@code C} the rows of logits that exist at once, the numbers kept for each of the
 * {@code N} rows are:
 *
 * <pre>
 * norm       2 D + 1                                    twice a layer, and the final one
 * attention  3 H E + 3 K E + 2 H + K + G                once a layer
 * ffn        3 F                                        once a layer
 * always     D (branch) + 2 (losses) + 3 int32 (tokens, targets, first visible position)
 * training   2 D + 2 H E + 2 K E + H + G + F            gradients, shared between layers
 * </pre>
 *
 * and beside them {@code C V} logits, {@code T E} rotary angles and one 8-byte sum. In evaluation all layers share the memory of one, and
 * all norms that of one.
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
        long perRow = norms * (2L * config.hidden() + 1)
                + layers * (attention(config) + 3L * config.ffn())
                + config.hidden()
                + 2
                + (training ? gradients(config) : 0);
        long logits = (long) ClassifierHead.chunkRows(rows, config.vocabulary(), dtype) * config.vocabulary();
        long rotary = (long) length * config.headDim();
        long floating = (rows * perRow + logits + rotary) * dtype.bytes();
        long fixed = 3L * rows * DType.INT32.bytes() + DType.FLOAT64.bytes();
        return new DecoderMemory(flat, training ? flat : 0, floating + fixed);
    }

    /** All of it. */
    public long total() {
        return parameters + gradients + activations;
    }

    private static long attention(DecoderConfig config) {
        return 3L * config.queryWidth()
                + 3L * config.keyWidth()
                + 2L * config.heads()
                + config.kvHeads()
                + gateScores(config);
    }

    private static long gradients(DecoderConfig config) {
        return 2L * config.hidden()
                + 2L * config.queryWidth()
                + 2L * config.keyWidth()
                + config.heads()
                + gateScores(config)
                + config.ffn();
    }

    private static long gateScores(DecoderConfig config) {
        return config.gate().scoresPerToken(config.heads(), config.headDim());
    }
}
