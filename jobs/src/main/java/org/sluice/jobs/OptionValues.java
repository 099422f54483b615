package org.sluice.jobs;

/** The bounds of numbers on the command line; what is out of them is refused with option, value and bound. */
public final class OptionValues {
    private OptionValues() {}

    /** @throws InputException if the value is less */
    public static void requireAtLeast(String option, long value, long least) {
        if (value < least) {
            throw outOf(option, "" + value, "at least " + least);
        }
    }

    /** @throws InputException if the value is less, or not a finite number */
    public static void requireAtLeast(String option, double value, long least) {
        if (!(value >= least) || Double.isInfinite(value)) {
            throw outOf(option, "" + value, "at least " + least);
        }
    }

    /** @throws InputException if the value is not above 0, or not a finite number */
    public static void requirePositive(String option, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw outOf(option, "" + value, "above 0");
        }
    }

    private static InputException outOf(String option, String value, String bound) {
        return new InputException(option + " is " + value + "; it must be " + bound);
    }
}
