package org.sluice.model;

import java.util.ArrayList;
import java.util.List;
import org.sluice.tensor.Arena;
import org.sluice.tensor.Backend;
import org.sluice.tensor.DType;
import org.sluice.tensor.Tensor;

/**
 * A {@link Decoder}'s forward for sequences that grow: chunk by chunk, with the keys and values of all tokens so far in a cache, so that a
 * new token costs one row and not the whole sequence again. It is what generates text.
 *
 * <p>A chunk is either {@code Q} tokens of each sequence, for prompts, or one token of each. All sequences share their times, so a prompt
 * that is shorter than another begins later: what is in front of it is padding, which no token sees, which no expert gets, and which only
 * costs its time. The output does not depend on when a prompt begins, but for rounding, as rotary position embedding is relative.
 *
 * <p>All memory is allocated when the decoder is made, in one arena that {@link #close} frees; a pass allocates none. What it takes is
 * {@link CachedDecoderMemory}. A decoder is used by one thread at a time, and closed before its backend.
 */
public final class CachedDecoder implements AutoCloseable {
    private final DecoderConfig config;
    private final Backend backend;
    private final Arena arena;
    private final int capacity;
    private final Weights weights;
    private final Weight classifier;
    private final CachedStack chunks;
    private final CachedStack single;
    private final Tensor last;
    private final int[] starts;
    private int time;

    /**
     * Makes a decoder whose parameters are all zero; a write to {@link #parameters} gives them values.
     *
     * @param backend stays the caller's to close
     * @param dtype of parameters, activations and caches: a floating-point type that the backend supports
     * @param sequences {@code B}
     * @param capacity {@code C}, the times that the caches have room for, padding included
     * @param chunk {@code Q}, the tokens of a chunk of a prompt, at most {@code C}
     * @throws IllegalArgumentException if the backend does not support the type, or a size is out of range
     * @throws org.sluice.tensor.OutOfDeviceMemoryException if the memory does not suffice
     */
    public CachedDecoder(DecoderConfig config, Backend backend, DType dtype, int sequences, int capacity, int chunk) {
        if (!dtype.isFloatingPoint() || !backend.supports(dtype)) {
            throw new IllegalArgumentException("backend " + backend.name() + " cannot compute a model in " + dtype);
        }
        if (chunk < 1 || chunk > capacity) {
            throw new IllegalArgumentException("chunks of " + chunk + " tokens do not fit a cache of " + capacity
                    + " times; expected 1.." + capacity);
        }
        this.config = config;
        this.backend = backend;
        this.capacity = capacity;
        this.starts = new int[sequences];
        BatchShape all = new BatchShape(sequences, capacity);
        this.arena = backend.newArena("cached decoder");
        try {
            Allocator shared = Allocator.of(arena, dtype, all);
            this.weights = Weights.allocate(arena, dtype, ParameterLayout.of(config), DecoderMode.EVALUATION);
            this.classifier = weights.classifier(config);
            RotaryTables angles = RotaryTables.allocate(shared, config, backend);
            List<KeyValueCache> caches = new ArrayList<>();
            for (int layer = 0; layer < config.layers(); layer++) {
                caches.add(KeyValueCache.allocate(shared.under("layers." + layer), config));
            }
            this.single = stack("token", 1, dtype, angles, caches);
            this.chunks = chunk == 1 ? single : stack("chunk", chunk, dtype, angles, caches);
            this.last = Allocator.of(arena, dtype, new BatchShape(sequences, 1)).rows("last", config.hidden());
        } catch (RuntimeException | Error failure) {
            arena.close();
            throw failure;
        }
    }

    private CachedStack stack(String name, int length, DType dtype, RotaryTables angles, List<KeyValueCache> caches) {
        Allocator own = Allocator.of(arena, dtype, new BatchShape(starts.length, length))
                .under(name);
        return new CachedStack(backend, config, own, weights, angles, caches);
    }

    public DecoderConfig config() {
        return config;
    }

    /** Where each parameter lies in {@link #parameters}. */
    public ParameterLayout layout() {
        return weights.layout();
    }

    /** All parameters, flat, {@code [P]}. */
    public Tensor parameters() {
        return weights.values();
    }

    /** {@code B}. */
    public int sequences() {
        return starts.length;
    }

    /** {@code C}. */
    public int capacity() {
        return capacity;
    }

    /** {@code Q}. */
    public int chunk() {
        return chunks.length();
    }

    /** The time of the next tokens: how many of each sequence, padding included, are in the caches. */
    public int time() {
        return time;
    }

    /**
     * Begins new sequences; what the caches hold is forgotten.
     *
     * @param firstTimes {@code [B]}, the time at which each sequence begins; tokens before it are padding
     * @throws IllegalArgumentException if there are not {@code B} times, or one is not in {@code 0..C-1}
     */
    public void begin(int[] firstTimes) {
        if (firstTimes.length != starts.length) {
            throw new IllegalArgumentException(
                    firstTimes.length + " first times for a decoder of " + starts.length + " sequences");
        }
        for (int sequence = 0; sequence < starts.length; sequence++) {
            if (firstTimes[sequence] < 0 || firstTimes[sequence] >= capacity) {
                throw new IllegalArgumentException("sequence " + sequence + " is to begin at time "
                        + firstTimes[sequence] + ", which a cache of " + capacity + " times does not have");
            }
        }
        System.arraycopy(firstTimes, 0, starts, 0, starts.length);
        time = 0;
    }

    /**
     * Goes on with all sequences.
     *
     * @param tokens {@code [B, Q]} or {@code [B, 1]}, in row-major order; what stands for padding may be any token of the vocabulary
     * @throws IllegalArgumentException if there are not so many tokens, or one is outside the vocabulary
     * @throws IllegalStateException if the caches have no room for them
     */
    public void forward(int[] tokens) {
        CachedStack stack = tokens.length == starts.length ? single : chunks;
        if (tokens.length != starts.length * stack.length()) {
            throw new IllegalArgumentException(tokens.length + " tokens are neither " + chunk() + " nor 1 for each of "
                    + starts.length + " sequences");
        }
        if (time + stack.length() > capacity) {
            throw new IllegalStateException("the caches hold " + time + " of " + capacity
                    + " times and have no room for " + stack.length() + " more");
        }
        stack.forward(tokens, time, starts);
        stack.copyLast(last);
        time += stack.length();
    }

    /**
     * Computes the logits of each sequence's last token.
     *
     * @param out {@code [B, V]}, of this decoder's type and backend; overwritten
     */
    public void logits(Tensor out) {
        classifier.project(backend.linearAlgebra(), last, out);
    }

    /** The bytes that this decoder holds in its backend's memory; {@link CachedDecoderMemory#total} says it beforehand. */
    public long allocatedBytes() {
        return arena.allocatedBytes();
    }

    @Override
    public void close() {
        arena.close();
    }
}
