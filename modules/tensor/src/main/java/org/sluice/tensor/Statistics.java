package org.sluice.tensor;

/** Reductions to one number, left on the device in a float64 tensor {@code [1]}, which is overwritten. */
public interface Statistics {

    /** The sum of all elements. */
    void sum(Tensor x, Tensor out);

    /** The sum of all squares, in double precision: the square of a part of the global norm. */
    void sumOfSquares(Tensor x, Tensor out);

    /** The largest absolute value; NaN if any element is NaN. */
    void maxAbsolute(Tensor x, Tensor out);
}
