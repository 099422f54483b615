package org.sluice.evaluation;

import java.io.Serializable;

/**
 * How large the values on one side of a gate are, as sums that add up.
 *
 * @param absolute the sum of absolute values
 * @param belowHundredth how many absolute values are below 1e-2
 * @param belowThousandth how many are below 1e-3
 * @param values how many there are
 */
public record ValueSums(double absolute, long belowHundredth, long belowThousandth, long values)
        implements Serializable {
    static final double HUNDREDTH = 1e-2;
    static final double THOUSANDTH = 1e-3;
    static final ValueSums NOTHING = new ValueSums(0, 0, 0, 0);

    ValueSums plus(ValueSums other) {
        return new ValueSums(
                absolute + other.absolute,
                belowHundredth + other.belowHundredth,
                belowThousandth + other.belowThousandth,
                values + other.values);
    }

    double meanAbsolute() {
        return absolute / values;
    }

    double shareBelowHundredth() {
        return (double) belowHundredth / values;
    }

    double shareBelowThousandth() {
        return (double) belowThousandth / values;
    }

    /** Adds up values, one by one. */
    static final class Counter {
        private double absolute;
        private long belowHundredth;
        private long belowThousandth;
        private long values;

        void add(double value) {
            double size = Math.abs(value);
            absolute += size;
            belowHundredth += size < HUNDREDTH ? 1 : 0;
            belowThousandth += size < THOUSANDTH ? 1 : 0;
            values++;
        }

        ValueSums sums() {
            return new ValueSums(absolute, belowHundredth, belowThousandth, values);
        }
    }
}
