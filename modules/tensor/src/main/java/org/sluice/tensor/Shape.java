package org.sluice.tensor;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The dimensions of a tensor, outermost first; elements lie in memory in that order, without gaps. */
public final class Shape {
    private final long[] dimensions;

    private Shape(long[] dimensions) {
        this.dimensions = dimensions;
    }

    /**
     * Makes a shape.
     *
     * @throws IllegalArgumentException if a dimension is not positive
     * @throws ArithmeticException if the number of elements exceeds 2^63 - 1
     */
    public static Shape of(long... dimensions) {
        for (long dimension : dimensions) {
            if (dimension <= 0) {
                throw new IllegalArgumentException("shape " + Arrays.toString(dimensions) + " has the dimension "
                        + dimension + "; every dimension must be at least 1");
            }
        }
        Shape shape = new Shape(dimensions.clone());
        shape.elements();
        return shape;
    }

    public int rank() {
        return dimensions.length;
    }

    /** The size of one dimension; negative indices count from the last, so that -1 is the innermost. */
    public long dimension(int index) {
        return dimensions[index < 0 ? dimensions.length + index : index];
    }

    /** The number of elements: the product of all dimensions, 1 for a shape without dimensions. */
    public long elements() {
        long product = 1;
        for (long dimension : dimensions) {
            product = Math.multiplyExact(product, dimension);
        }
        return product;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape && Arrays.equals(dimensions, ((Shape) other).dimensions);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dimensions);
    }

    @Override
    public String toString() {
        return Arrays.stream(dimensions).mapToObj(Long::toString).collect(Collectors.joining(", ", "[", "]"));
    }
}
