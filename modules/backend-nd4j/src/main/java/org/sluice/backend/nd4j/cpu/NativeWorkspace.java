package org.sluice.backend.nd4j.cpu;

import org.sluice.backend.nd4j.Nd4jArena;
import org.sluice.backend.nd4j.Nd4jTensor;
import org.sluice.tensor.DType;
import org.sluice.tensor.Shape;

/** Native memory for intermediate results, which grows to the largest size ever asked for. */
final class NativeWorkspace implements AutoCloseable {
    private final String name;
    private Nd4jArena arena;
    private Nd4jTensor memory;

    NativeWorkspace(String name) {
        this.name = name;
    }

    /** Room for at least that many floats; its content is undefined. Not to be kept over the next call. */
    Nd4jTensor floats(long elements) {
        if (memory == null || memory.elements() < elements) {
            close();
            arena = new Nd4jArena(name, CpuBackend.NAME, true);
            memory = arena.allocate(name, DType.FLOAT32, Shape.of(elements));
        }
        return memory;
    }

    /** What it holds. */
    long bytes() {
        return memory == null ? 0 : memory.elements() * DType.FLOAT32.bytes();
    }

    @Override
    public void close() {
        if (arena != null) {
            arena.close();
            memory = null;
        }
    }
}
