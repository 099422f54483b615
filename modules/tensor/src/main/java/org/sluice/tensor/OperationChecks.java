package org.sluice.tensor;

import java.util.function.Predicate;

/**
 * The argument checks that all backends share. Each family of operations has a class of its own, such as {@link GateChecks}, with a
 * method for each operation, to be called before anything is written.
 *
 * <p>Each throws {@link IllegalArgumentException} for a tensor of the wrong shape, type or backend and for an output that overlaps
 * memory that it may not, and {@link IllegalStateException} for a tensor of a closed arena. The values inside tensors are looked at
 * where an operation reads them: see the static methods of the families.
 */
public final class OperationChecks {
    private final TensorOwner owner;
    private final Predicate<DType> supported;

    /**
     * @param owner the backend's knowledge of its tensors
     * @param supported the floating-point types that the backend computes in
     */
    public OperationChecks(TensorOwner owner, Predicate<DType> supported) {
        this.owner = owner;
        this.supported = supported;
    }

    OperationArguments arguments(String operation) {
        return new OperationArguments(operation, owner, supported);
    }

    /** Numbers may be moved in any floating-point type, whether the backend computes in it or not. */
    OperationArguments transferArguments(String operation) {
        return new OperationArguments(operation, owner, DType::isFloatingPoint);
    }
}
