package org.sluice.tensor;

import java.util.Arrays;
import java.util.function.Predicate;

/** One call of one operation, while its arguments are checked. All refusals name the operation and the argument. */
final class OperationCall {
    private final String operation;
    private final TensorOwner owner;
    private final Predicate<DType> supported;

    OperationCall(String operation, TensorOwner owner, Predicate<DType> supported) {
        this.operation = operation;
        this.owner = owner;
        this.supported = supported;
    }

    /** Checks a tensor that others are measured by: it must be of a floating-point type that the backend computes in. */
    DType floating(String argument, Tensor tensor) {
        owned(argument, tensor);
        if (!tensor.dtype().isFloatingPoint() || !supported.test(tensor.dtype())) {
            throw refusal(
                    argument, tensor, "has type " + tensor.dtype(), "a floating-point type that the backend supports");
        }
        return tensor.dtype();
    }

    /** Checks the number of dimensions; {@code legend} names them for the message. */
    void rank(String argument, Tensor tensor, int rank, String legend) {
        if (tensor.shape().rank() != rank) {
            throw refusal(argument, tensor, "has shape " + tensor.shape(), "a shape of the form " + legend);
        }
    }

    /** Checks owner, type and shape. */
    void tensor(String argument, Tensor tensor, DType dtype, long... dimensions) {
        type(argument, tensor, dtype);
        if (!hasShape(tensor, dimensions)) {
            throw refusal(argument, tensor, "has shape " + tensor.shape(), Arrays.toString(dimensions));
        }
    }

    /** Checks owner, type and number of elements. */
    void elements(String argument, Tensor tensor, DType dtype, long elements) {
        type(argument, tensor, dtype);
        if (tensor.elements() != elements) {
            throw refusal(
                    argument,
                    tensor,
                    "has " + tensor.elements() + " elements (" + tensor.shape() + ")",
                    elements + " elements");
        }
    }

    /** Checks owner and type. */
    void type(String argument, Tensor tensor, DType dtype) {
        owned(argument, tensor);
        if (tensor.dtype() != dtype) {
            throw refusal(argument, tensor, "has type " + tensor.dtype(), dtype.toString());
        }
    }

    /** Checks owner, and that type and shape are those of another tensor. */
    void same(Tensor model, String argument, Tensor tensor) {
        type(argument, tensor, model.dtype());
        if (!tensor.shape().equals(model.shape())) {
            throw refusal(
                    argument,
                    tensor,
                    "has shape " + tensor.shape(),
                    model.shape().toString());
        }
    }

    /** Checks what is added under the square root of a norm, or to one. */
    void epsilon(double epsilon) {
        number("epsilon", epsilon, epsilon >= 0 && Double.isFinite(epsilon), "a finite number of at least 0");
    }

    /** Checks a condition on a number that is not a tensor. */
    void number(String argument, double value, boolean good, String expected) {
        if (!good) {
            throw new IllegalArgumentException(
                    operation + ": argument '" + argument + "' is " + value + ", expected " + expected);
        }
    }

    /** Checks that a written tensor shares no memory with any of the others. */
    void apart(String argument, Tensor written, Tensor... others) {
        for (Tensor other : others) {
            if (overlap(written, other)) {
                throw refusal(
                        argument,
                        written,
                        "overlaps tensor '" + other.name() + "'",
                        "memory that no other argument uses");
            }
        }
    }

    /** Checks that a written tensor shares no memory with a read one, or is wholly the same memory. */
    void apartOrSame(String argument, Tensor written, Tensor read) {
        boolean same = owner.address(written) == owner.address(read) && written.elements() == read.elements();
        if (!same && overlap(written, read)) {
            throw refusal(
                    argument, written, "overlaps tensor '" + read.name() + "' in part", "all of its memory or none");
        }
    }

    IllegalArgumentException refusal(String argument, Tensor tensor, String found, String expected) {
        return new IllegalArgumentException(operation + ": argument '" + argument + "' (tensor '" + tensor.name()
                + "') " + found + ", expected " + expected);
    }

    private void owned(String argument, Tensor tensor) {
        if (tensor == null) {
            throw new IllegalArgumentException(operation + ": argument '" + argument + "' is null, expected a tensor");
        }
        owner.require(operation, argument, tensor);
    }

    private static boolean hasShape(Tensor tensor, long[] dimensions) {
        if (tensor.shape().rank() != dimensions.length) {
            return false;
        }
        for (int axis = 0; axis < dimensions.length; axis++) {
            if (tensor.shape().dimension(axis) != dimensions[axis]) {
                return false;
            }
        }
        return true;
    }

    private boolean overlap(Tensor left, Tensor right) {
        long leftStart = owner.address(left);
        long rightStart = owner.address(right);
        return leftStart < rightStart + right.elements() * right.dtype().bytes()
                && rightStart < leftStart + left.elements() * left.dtype().bytes();
    }
}
