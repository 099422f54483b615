package org.sluice.tensor.observation;

/** Hears of every operation that an {@link ObservedBackend} ran to its end. */
@FunctionalInterface
public interface OperationObserver {

    /**
     * Called after the operation, by the thread that ran it; the time that it takes itself is in none of the operations.
     *
     * @param operation family and method of the contract, {@code normalisation.rmsNorm}; products of matrices are told apart by what they
     *     are for: {@code linearAlgebra.matmul forward}, {@code dX} or {@code dW}
     * @param work what the call had to do at least
     * @param nanoseconds how long the call took
     */
    void ran(String operation, OperationWork work, long nanoseconds);
}
