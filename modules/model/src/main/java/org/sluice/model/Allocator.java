package org.sluice.model;

import org.sluice.tensor.Arena;
import org.sluice.tensor.DType;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/** Allocates a decoder's tensors: one arena, one floating-point type, one batch size, names under a common prefix. */
record Allocator(Arena arena, DType dtype, BatchShape batch, String prefix) {

    Allocator under(String part) {
        return new Allocator(arena, dtype, batch, prefix + part + ".");
    }

    Tensor allocate(String name, Shape shape) {
        return arena.allocate(prefix + name, dtype, shape);
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
}
