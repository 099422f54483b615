package org.sluice.training.parity;

/**
 * How far one thing is from PyTorch's.
 *
 * @param of what it is, such as a parameter's name
 * @param relative {@code ||found - expected|| / ||expected||}
 */
record Difference(Quantity quantity, String of, double relative) {

    /**
     * Compares.
     *
     * @throws AssertionError if there is nothing to compare with: another length, or zeros
     */
    static Difference between(double[] found, double[] expected, Quantity quantity, String of) {
        double squaredDifference = 0;
        double squaredNorm = 0;
        for (int i = 0; i < expected.length; i++) {
            squaredDifference += (found[i] - expected[i]) * (found[i] - expected[i]);
            squaredNorm += expected[i] * expected[i];
        }
        if (found.length != expected.length || squaredNorm == 0) {
            throw new AssertionError(of + " has " + found.length + " numbers, PyTorch's " + expected.length
                    + ", whose squares add up to " + squaredNorm);
        }
        return new Difference(quantity, of, Math.sqrt(squaredDifference / squaredNorm));
    }

    /** The negation also catches NaN. */
    boolean isTooLarge() {
        return !(relative <= quantity.tolerance());
    }
}
