package org.sluice.tensor;

import java.util.Arrays;
import java.util.function.Predicate;

/**
 * The arguments of one operation, checked at each of its calls. All refusals name the operation and the argument.
 *
 * <p>A check that passes leaves nothing on the heap, so there are methods for each number of dimensions and of tensors in place of
 * arrays of them.
 */
final class OperationArguments {
    private final String operation;
    private final TensorOwner owner;
    private final Predicate<DType> supported;

    OperationArguments(String operation, TensorOwner owner, Predicate<DType> supported) {
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

    /** Checks owner, type and shape {@code [size]}. */
    void tensor(String argument, Tensor tensor, DType dtype, long size) {
        type(argument, tensor, dtype);
        if (!hasShape(tensor, size)) {
            throw wrongShape(argument, tensor, size);
        }
    }

    /** Checks owner, type and shape {@code [first, second]}. */
    void tensor(String argument, Tensor tensor, DType dtype, long first, long second) {
        type(argument, tensor, dtype);
        if (!hasShape(tensor, first, second)) {
            throw wrongShape(argument, tensor, first, second);
        }
    }

    /** Checks owner, type and shape {@code [first, second, third]}. */
    void tensor(String argument, Tensor tensor, DType dtype, long first, long second, long third) {
        type(argument, tensor, dtype);
        if (!hasShape(tensor, first, second, third)) {
            throw wrongShape(argument, tensor, first, second, third);
        }
    }

    /** Checks owner, type and shape {@code [first, second, third, fourth]}. */
    void tensor(String argument, Tensor tensor, DType dtype, long first, long second, long third, long fourth) {
        type(argument, tensor, dtype);
        if (!hasShape(tensor, first, second, third, fourth)) {
            throw wrongShape(argument, tensor, first, second, third, fourth);
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
            throw refusal(argument, value, expected);
        }
    }

    /** Checks that a written tensor shares no memory with another. */
    void apart(String argument, Tensor written, Tensor other) {
        if (overlap(written, other)) {
            throw refusal(
                    argument, written, "overlaps tensor '" + other.name() + "'", "memory that no other argument uses");
        }
    }

    /** Checks that a written tensor shares no memory with any of two others. */
    void apart(String argument, Tensor written, Tensor first, Tensor second) {
        apart(argument, written, first);
        apart(argument, written, second);
    }

    /** Checks that a written tensor shares no memory with any of three others. */
    void apart(String argument, Tensor written, Tensor first, Tensor second, Tensor third) {
        apart(argument, written, first, second);
        apart(argument, written, third);
    }

    /** Checks that a written tensor shares no memory with any of four others. */
    void apart(String argument, Tensor written, Tensor first, Tensor second, Tensor third, Tensor fourth) {
        apart(argument, written, first, second);
        apart(argument, written, third, fourth);
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

    IllegalArgumentException refusal(String argument, double value, String expected) {
        return new IllegalArgumentException(
                operation + ": argument '" + argument + "' is " + value + ", expected " + expected);
    }

    private IllegalArgumentException wrongShape(String argument, Tensor tensor, long... expected) {
        return refusal(argument, tensor, "has shape " + tensor.shape(), Arrays.toString(expected));
    }

    private void owned(String argument, Tensor tensor) {
        if (tensor == null) {
            throw new IllegalArgumentException(operation + ": argument '" + argument + "' is null, expected a tensor");
        }
        owner.require(operation, argument, tensor);
    }

    private static boolean hasShape(Tensor tensor, long size) {
        return tensor.shape().rank() == 1 && tensor.shape().dimension(0) == size;
    }

    private static boolean hasShape(Tensor tensor, long first, long second) {
        Shape shape = tensor.shape();
        return shape.rank() == 2 && shape.dimension(0) == first && shape.dimension(1) == second;
    }

    static boolean hasShape(Tensor tensor, long first, long second, long third) {
        Shape shape = tensor.shape();
        return shape.rank() == 3
                && shape.dimension(0) == first
                && shape.dimension(1) == second
                && shape.dimension(2) == third;
    }

    private static boolean hasShape(Tensor tensor, long first, long second, long third, long fourth) {
        Shape shape = tensor.shape();
        return shape.rank() == 4
                && shape.dimension(0) == first
                && shape.dimension(1) == second
                && shape.dimension(2) == third
                && shape.dimension(3) == fourth;
    }

    private boolean overlap(Tensor left, Tensor right) {
        long leftStart = owner.address(left);
        long rightStart = owner.address(right);
        return leftStart < rightStart + right.elements() * right.dtype().bytes()
                && rightStart < leftStart + left.elements() * left.dtype().bytes();
    }
}
