package org.sluice.model;

import org.sluice.tensor.Memory;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/**
 * The keys and values of one layer for all tokens so far: what later tokens attend to. Keys are kept as they are after QK-norm and RoPE,
 * values after what stands at their position.
 *
 * @param keys {@code [B, C, K, E]}
 * @param values {@code [B, C, K, E]}
 */
record KeyValueCache(Tensor keys, Tensor values) {

    /** @param allocator whose batch has sequences of length {@code C} */
    static KeyValueCache allocate(Allocator allocator, DecoderConfig config) {
        Shape shape = allocator.batch().headsOf(config.kvHeads(), config.headDim());
        return new KeyValueCache(allocator.allocate("keys", shape), allocator.allocate("values", shape));
    }

    /**
     * Keeps the keys and values of times {@code firstTime .. firstTime + T - 1}.
     *
     * @param key {@code [B, T, K, E]}
     * @param value {@code [B, T, K, E]}
     */
    void put(Memory memory, Tensor key, Tensor value, int firstTime) {
        copy(memory, key, keys, firstTime);
        copy(memory, value, values, firstTime);
    }

    private static void copy(Memory memory, Tensor chunk, Tensor cache, int firstTime) {
        Shape shape = cache.shape();
        long width = shape.dimension(2) * shape.dimension(3);
        long count = chunk.shape().dimension(1) * width;
        for (long sequence = 0; sequence < shape.dimension(0); sequence++) {
            long to = (sequence * shape.dimension(1) + firstTime) * width;
            memory.copyPart(chunk, sequence * count, cache, to, count);
        }
    }
}
