package org.sluice.tensor;

import java.util.Optional;

/**
 * A machine that can run a transformer step: families of fused operations, each with its backward, over tensors that it holds.
 *
 * <p>The rules that hold for every operation:
 *
 * <ul>
 *   <li>It reads and writes tensors that the caller allocated, and allocates none itself.
 *   <li>It may return before the result is there; {@link Memory#read} and {@link Memory#scalar} wait for it.
 *   <li>Outputs may not overlap inputs unless the operation says so.
 *   <li>The same inputs on the same backend with the same cores give the same bits, run after run.
 *   <li>A tensor of the wrong shape, type or backend, or an output that overlaps what it may not, is an
 *       {@link IllegalArgumentException} that names the operation, the argument, the value found and the one expected; nothing has
 *       been written then. {@link OperationChecks} holds these checks for all backends.
 * </ul>
 *
 * <p>A backend is used by one thread at a time; it spreads the work over its cores itself.
 */
public interface Backend extends AutoCloseable {

    /** The name under which a job file asks for this backend: {@code cpu}, {@code reference}. */
    String name();

    /** The machine behind it in words, for reports: library versions, cores, instruction set. */
    String description();

    /** The cores that operations are spread over. */
    int cores();

    /** What matrix products are computed with. */
    default Precision precision() {
        return Precision.FP32;
    }

    /** Whether arithmetic operations accept tensors of this floating-point type. */
    boolean supports(DType dtype);

    Arena newArena(String name);

    /**
     * The bytes outside the Java heap that the backend itself holds for intermediate results, beside what arenas hold. They grow to what the
     * largest operation so far needed, and stay until the backend is closed. What libraries under it take for themselves, such as the code
     * that oneDNN compiles, cannot be seen and is not counted.
     */
    long workspaceBytes();

    LinearAlgebra linearAlgebra();

    Normalisation normalisation();

    Attention attention();

    Gates gates();

    Mixture mixture();

    Loss loss();

    Optimisation optimisation();

    Memory memory();

    Statistics statistics();

    /**
     * Measures what the machine does at most on this backend's cores, which takes about a second.
     *
     * @return empty if the backend has no way to measure it
     */
    default Optional<MachineSpeed> measureMachine() {
        return Optional.empty();
    }

    @Override
    void close();
}
