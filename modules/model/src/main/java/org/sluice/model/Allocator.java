package org.sluice.model;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.sluice.tensor.Arena;
import org.sluice.tensor.DType;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/**
 * Allocates a decoder's tensors: one arena, one floating-point type, one batch size, names under a common prefix.
 *
 * @param reused by name, what was allocated before and is given out again; empty where every allocation is memory of its own
 */
record Allocator(Arena arena, DType dtype, BatchShape batch, String prefix, Optional<Map<String, Tensor>> reused) {

    /** An allocator whose every allocation is memory of its own. */
    static Allocator of(Arena arena, DType dtype, BatchShape batch) {
        return new Allocator(arena, dtype, batch, "", Optional.empty());
    }

    Allocator under(String part) {
        return new Allocator(arena, dtype, batch, prefix + part + ".", reused);
    }

    /** One that gives the same memory again to whoever asks for the same name: for layers that take turns with it. */
    Allocator sharing() {
        return new Allocator(arena, dtype, batch, prefix, Optional.of(new HashMap<>()));
    }

    Tensor allocate(String name, Shape shape) {
        return allocate(name, dtype, shape);
    }

    Tensor allocate(String name, DType type, Shape shape) {
        String full = prefix + name;
        if (reused.isEmpty()) {
            return arena.allocate(full, type, shape);
        }
        Tensor tensor = reused.get().computeIfAbsent(full, absent -> arena.allocate(full, type, shape));
        if (tensor.dtype() != type || !tensor.shape().equals(shape)) {
            throw new IllegalStateException("tensor " + full + " is shared as " + tensor.dtype() + " " + tensor.shape()
                    + " and was asked for as " + type + " " + shape);
        }
        return tensor;
    }

    /** {@code [N, width]}. */
    Tensor rows(String name, int width) {
        return allocate(name, batch.rowsOf(width));
    }

    /** {@code [B, T, heads, headDim]}, with its view as rows. */
    HeadTensor heads(String name, int heads, int headDim) {
        Tensor byHead = allocate(name, batch.headsOf(heads, headDim));
        return new HeadTensor(byHead, byHead.reshape(batch.rowsOf(Math.multiplyExact(heads, headDim))));
    }

    /** One number for each head of each token, {@code [B, T, heads]}, with its view as rows. */
    HeadTensor numberPerHead(String name, int heads) {
        Tensor byHead = allocate(name, batch.perTokenAndHead(heads));
        return new HeadTensor(byHead, byHead.reshape(batch.rowsOf(heads)));
    }

    /** Rows {@code [N, width]} as one head. */
    HeadTensor asOneHead(Tensor rows) {
        int width = Math.toIntExact(rows.shape().dimension(1));
        return new HeadTensor(rows.reshape(batch.headsOf(1, width)), rows);
    }
}
