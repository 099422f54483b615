package org.sluice.model;

import org.sluice.tensor.DType;

/**
 * What a {@link CachedDecoder} takes of its backend's memory, in bytes, known before anything is allocated.
 *
 * <p>The caches are {@code 2 K E} numbers for each layer and each of the {@code B C} times. The layers for a chunk of {@code T} tokens take
 * for each of its {@code B T} rows what {@link DecoderMemory} says of evaluation, but for losses and targets, and {@code T E} rotary
 * angles; there are those for {@code T = Q} and for {@code T = 1}. Beside them stand {@code C E} angles of all times, and {@code B D}
 * numbers of the last tokens. With a mixture the routers' sums are there once for each of the two.
 *
 * @param parameters the flat space of parameters
 * @param caches keys and values
 * @param activations everything else
 */
public record CachedDecoderMemory(long parameters, long caches, long activations) {

    /**
     * What a decoder of these settings takes.
     *
     * @param dtype the type of parameters, activations and caches
     * @param sequences {@code B}
     * @param capacity {@code C}
     * @param chunk {@code Q}
     */
    public static CachedDecoderMemory of(DecoderConfig config, DType dtype, int sequences, int capacity, int chunk) {
        long times = new BatchShape(sequences, capacity).rows();
        long caches = 2L * config.layers() * times * config.keyWidth() * dtype.bytes();
        long shared = (long) capacity * config.headDim() + (long) sequences * config.hidden();
        long stacks = stack(config, dtype, sequences, 1) + (chunk == 1 ? 0 : stack(config, dtype, sequences, chunk));
        return new CachedDecoderMemory(config.parameters() * dtype.bytes(), caches, shared * dtype.bytes() + stacks);
    }

    /** All of it. */
    public long total() {
        return parameters + caches + activations;
    }

    private static long stack(DecoderConfig config, DType dtype, int sequences, int length) {
        int rows = new BatchShape(sequences, length).rows();
        long floating = rows * DecoderMemory.layersPerRow(config, 1, 1) + (long) length * config.headDim();
        long integers = 2L * rows * DType.INT32.bytes();
        return floating * dtype.bytes() + integers + DecoderMemory.routing(config, rows, 1, false);
    }
}
