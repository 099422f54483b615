package org.sluice.tensor;

import java.util.List;
import java.util.Optional;

/** How a backend is found: an implementation is registered for {@link java.util.ServiceLoader}. */
public interface BackendProvider {

    /** The name under which a job file asks for the backend. */
    String name();

    /** The provider with the highest preference that can run here is the default. */
    int preference();

    /** Why the backend cannot run on this machine, in words for its user; empty if it can. */
    Optional<String> unavailable();

    /** The precisions that this machine computes in, the fastest first; {@link Precision#FP32} is among them. */
    default List<Precision> precisions() {
        return List.of(Precision.FP32);
    }

    /** The library that does the work, with its version, where it is another than this one: {@code ND4J 1.0.0-M2.1}. Loads nothing. */
    default Optional<String> library() {
        return Optional.empty();
    }

    /**
     * What limits the memory that the backend can still take in this process, beside the memory of the machine or container: settings, or
     * the memory of the device that it runs on. To be asked only where the backend is available.
     */
    default List<MemoryBound> memoryBounds() {
        return List.of();
    }

    /**
     * Opens the backend.
     *
     * @param cores the cores to spread operations over, at least 1
     * @param precision one of {@link #precisions}
     * @throws IllegalStateException if it is unavailable here
     */
    Backend open(int cores, Precision precision);

    /** Opens the backend in {@link Precision#FP32}. */
    default Backend open(int cores) {
        return open(cores, Precision.FP32);
    }
}
