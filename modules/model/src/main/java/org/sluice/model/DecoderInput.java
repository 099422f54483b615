package org.sluice.model;

import java.util.Optional;
import java.util.function.IntPredicate;
import org.sluice.tensor.DType;
import org.sluice.tensor.Memory;
import org.sluice.tensor.Tensor;

/** The memory that the tokens of a pass are loaded into, all int32. */
final class DecoderInput {
    private final BatchShape batch;
    private final Tensor tokens;
    private final Tensor firstVisible;
    private final Optional<Tensor> routed;
    private final int[] routedRows;

    private DecoderInput(BatchShape batch, Tensor tokens, Tensor firstVisible, Optional<Tensor> routed) {
        this.batch = batch;
        this.tokens = tokens;
        this.firstVisible = firstVisible;
        this.routed = routed;
        this.routedRows = new int[routed.isPresent() ? batch.rows() : 0];
    }

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

    /** {@code [N]}. */
    Tensor tokens() {
        return tokens;
    }

    /** {@code [B, T]}. */
    Tensor firstVisible() {
        return firstVisible;
    }

    /** {@code [N]}, of a model with experts only: 1 for the rows that they see, 0 for the others. */
    Optional<Tensor> routed() {
        return routed;
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
        load(tokenBatch.tokens(), tokenBatch.firstVisible(), tokenBatch::isRouted, memory);
    }

    /** @param isRouted which rows experts see; asked only by a model with experts */
    void load(int[] newTokens, int[] newFirstVisible, IntPredicate isRouted, Memory memory) {
        memory.writeInts(newTokens, tokens);
        memory.writeInts(newFirstVisible, firstVisible);
        if (routed.isPresent()) {
            for (int row = 0; row < routedRows.length; row++) {
                routedRows[row] = isRouted.test(row) ? 1 : 0;
            }
            memory.writeInts(routedRows, routed.get());
        }
    }
}
