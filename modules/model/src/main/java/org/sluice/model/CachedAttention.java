package org.sluice.model;

import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Tensor;

/**
 * Attention of a chunk of tokens to all before them, whose keys and values are in a cache, and to each other: for generation.
 *
 * @param firstVisible int32 {@code [B, T]}
 * @param firstTime the time of the chunk's first tokens
 * @param logSumExp {@code [B, H, T]}
 */
record CachedAttention(
        Backend backend,
        double scale,
        KeyValueCache cache,
        Tensor firstVisible,
        IntSupplier firstTime,
        Tensor logSumExp)
        implements AttentionCore {

    @Override
    public void forward(Tensor query, Tensor key, Tensor value, Tensor out) {
        int time = firstTime.getAsInt();
        cache.put(backend.memory(), key, value, time);
        backend.attention()
                .forwardCached(query, cache.keys(), cache.values(), firstVisible, time, scale, out, logSumExp);
    }

    @Override
    public void backward(Tensor outGradient, Values forward, Gradients gradients) {
        throw new IllegalStateException("attention with a cache is for generation and has no backward");
    }

    /**
     * For chunks of {@code T} tokens.
     *
     * @param rotary the angles of the chunk's times, {@code [T, E / 2]}
     * @param caches of the layers
     * @param firstVisible int32 {@code [B, T]}
     * @param firstTime the time of the chunk's first tokens
     */
    record Factory(
            Backend backend,
            DecoderConfig config,
            RotaryTables rotary,
            List<KeyValueCache> caches,
            Tensor firstVisible,
            IntSupplier firstTime)
            implements AttentionCore.Factory {

        @Override
        public AttentionCore core(int layer, Allocator own, Optional<Allocator> gradients) {
            return new CachedAttention(
                    backend,
                    config.attentionScale(),
                    caches.get(layer),
                    firstVisible,
                    firstTime,
                    own.allocate("log_sum_exp", own.batch().perHeadAndToken(config.heads())));
        }
    }
}
