package org.sluice.model;

import java.util.Optional;
import java.util.function.Supplier;
import org.sluice.tensor.DType;
import org.sluice.tensor.Memory;
import org.sluice.tensor.Tensor;

/**
 * The memory that the tokens of a pass are loaded into, all int32.
 *
 * @param tokens {@code [N]}
 * @param firstVisible {@code [B, T]}
 * @param routed {@code [N]}, of a model with experts only: 1 for the rows that they see, 0 for the others
 */
record DecoderInput(BatchShape batch, Tensor tokens, Tensor firstVisible, Optional<Tensor> routed) {

    static DecoderInput allocate(Allocator allocator, DecoderConfig config) {
        BatchShape batch = allocator.batch();
        return new DecoderInput(
                batch,
                allocator.allocate("tokens", DType.INT32, batch.perRow()),
                allocator.allocate("first_visible", DType.INT32, batch.perToken()),
                config.mixture().isPresent()
                        ? Optional.of(allocator.allocate("routed", DType.INT32, batch.perRow()))
                        : Optional.empty());
    }

    /**
     * Loads all of a batch but its targets.
     *
     * @throws IllegalArgumentException if the batch has another size
     */
    void load(TokenBatch tokenBatch, Memory memory) {
        if (tokenBatch.sequences() != batch.sequences() || tokenBatch.length() != batch.length()) {
            throw new IllegalArgumentException("the batch has " + tokenBatch.sequences() + " sequences of "
                    + tokenBatch.length() + " tokens; this decoder was made for " + batch.sequences() + " of "
                    + batch.length());
        }
        load(tokenBatch.tokens(), tokenBatch.firstVisible(), tokenBatch::routed, memory);
    }

    /** @param routedRows is asked only by a model with experts */
    void load(int[] newTokens, int[] newFirstVisible, Supplier<int[]> routedRows, Memory memory) {
        memory.writeInts(newTokens, tokens);
        memory.writeInts(newFirstVisible, firstVisible);
        routed.ifPresent(tensor -> memory.writeInts(routedRows.get(), tensor));
    }
}
