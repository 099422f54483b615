package org.sluice.training;

import org.sluice.model.DecoderConfig;
import org.sluice.model.DecoderMemory;
import org.sluice.model.DecoderMode;
import org.sluice.tensor.DType;

/**
 * What a {@link Replica} takes of its backend's memory, in bytes, known before a backend is opened.
 *
 * <p>With {@code P} the model's parameters: {@code 4 P} for them, {@code 4 P} for their gradients, {@code 8 P} for the two moments of
 * AdamW, and nothing for the state of plain gradient descent, which has none. {@link DecoderMemory} has the formula of the activations
 * of one micro-batch. All of it is allocated when the replica is made; a step allocates nothing.
 *
 * @param parameters the flat space of parameters
 * @param gradients the flat space of their gradients
 * @param optimizerState the moments of AdamW
 * @param activations everything else of the decoder: activations, their gradients, logits of a chunk of rows, tokens
 * @param rest two numbers of 8 bytes: the sum of the gradients' squares, and the largest value of a tensor
 */
public record ReplicaMemory(long parameters, long gradients, long optimizerState, long activations, long rest) {
    private static final long MOMENTS_OF_ADAMW = 2;

    /**
     * What a replica takes.
     *
     * @param blockLength the positions of a sequence, {@code T}; a micro-batch is {@code B} of them
     */
    public static ReplicaMemory of(DecoderConfig model, TrainingConfig config, int blockLength) {
        return of(model, config.optimizer(), config.microBatch(), blockLength);
    }

    /**
     * What a replica takes, from all that it depends on.
     *
     * @param optimizer {@link TrainingConfig#ADAMW} or {@link TrainingConfig#SGD}
     * @param microBatch the sequences that go through the model at once, {@code B}
     * @param blockLength the positions of a sequence, {@code T}
     */
    public static ReplicaMemory of(DecoderConfig model, String optimizer, int microBatch, int blockLength) {
        DecoderMemory decoder = DecoderMemory.of(model, DType.FLOAT32, microBatch, blockLength, DecoderMode.TRAINING);
        long moments = optimizer.equals(TrainingConfig.ADAMW) ? MOMENTS_OF_ADAMW : 0;
        return new ReplicaMemory(
                decoder.parameters(),
                decoder.gradients(),
                moments * decoder.parameters(),
                decoder.activations(),
                2L * DType.FLOAT64.bytes());
    }

    /** All of it. */
    public long total() {
        return parameters + gradients + optimizerState + activations + rest;
    }
}
