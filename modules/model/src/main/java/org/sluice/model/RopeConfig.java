package org.sluice.model;

import java.io.Serializable;

/**
 * Rotary position embedding (Su et al. 2021, arXiv 2104.09864), with YaRN (Peng et al. 2023, arXiv 2309.00071) for contexts longer than
 * the model was trained on.
 *
 * @param base position {@code t} turns pair {@code i} of a head by {@code t * base^(-2 i / E)}; above 1
 * @param yarn the extension; {@link Yarn#NONE} for none
 */
public record RopeConfig(double base, Yarn yarn) implements Serializable {

    /**
     * Checks the base.
     *
     * @throws IllegalArgumentException if it is not a finite number above 1
     */
    public RopeConfig {
        // The negation also catches NaN.
        if (!(base > 1) || Double.isInfinite(base)) {
            throw new IllegalArgumentException("ropeBase (" + base + ") must be a finite number above 1");
        }
    }

    /** Without YaRN. */
    public static RopeConfig of(double base) {
        return new RopeConfig(base, Yarn.NONE);
    }

    /**
     * YaRN: pairs that turn often within the original context keep their frequency, pairs that turn less than once are slowed down by
     * the factor, and those between are ramped.
     *
     * @param factor how many times longer the context becomes, at least 1; 1 is no extension
     * @param originalLength the context that the model was trained on, in tokens
     * @param betaFast pairs with more turns than this in the original context keep their frequency
     * @param betaSlow pairs with fewer turns than this are slowed down fully
     */
    public record Yarn(double factor, int originalLength, double betaFast, double betaSlow) implements Serializable {
        /** No extension. */
        public static final Yarn NONE = new Yarn(1, 1, 32, 1);

        /** With the paper's {@code betaFast = 32} and {@code betaSlow = 1}. */
        public static Yarn of(double factor, int originalLength) {
            return new Yarn(factor, originalLength, 32, 1);
        }

        /**
         * Checks the components.
         *
         * @throws IllegalArgumentException if one is out of range
         */
        public Yarn {
            if (!(factor >= 1) || Double.isInfinite(factor)) {
                throw new IllegalArgumentException(
                        "yarn factor (" + factor + ") must be a finite number of at least 1");
            }
            if (originalLength < 1) {
                throw new IllegalArgumentException("yarn originalLength (" + originalLength + ") must be at least 1");
            }
            if (!(betaSlow > 0) || !(betaFast > betaSlow) || Double.isInfinite(betaFast)) {
                throw new IllegalArgumentException(
                        "yarn betaFast (" + betaFast + ") must be above betaSlow (" + betaSlow + "), and that above 0");
            }
        }

        public boolean isPresent() {
            return factor > 1;
        }

        /** What cosines and sines are multiplied by, {@code 0.1 ln(factor) + 1}: it makes attention scores larger by its square. */
        public double attentionFactor() {
            return 0.1 * Math.log(factor) + 1;
        }
    }

    /**
     * The angle by which one position turns each pair of a head.
     *
     * @param headDim {@code E}
     * @return {@code [E / 2]}, in radians
     */
    public double[] frequencies(int headDim) {
        double[] frequencies = new double[headDim / 2];
        double fast = pairThatTurns(yarn.betaFast(), headDim);
        double slow = pairThatTurns(yarn.betaSlow(), headDim);
        double low = Math.max(Math.floor(fast), 0);
        double high = Math.min(Math.ceil(slow), headDim - 1);
        for (int pair = 0; pair < frequencies.length; pair++) {
            double frequency = Math.pow(base, -2.0 * pair / headDim);
            // A thousandth keeps the ramp from dividing by 0 where both ends are one pair.
            double slowed = Math.min(1, Math.max(0, (pair - low) / Math.max(high - low, 0.001)));
            frequencies[pair] =
                    yarn.isPresent() ? frequency * (1 - slowed) + frequency / yarn.factor() * slowed : frequency;
        }
        return frequencies;
    }

    /** The pair, counted in fractions, that makes so many full turns within the original context. */
    private double pairThatTurns(double turns, int headDim) {
        return headDim * Math.log(yarn.originalLength() / (turns * 2 * Math.PI)) / (2 * Math.log(base));
    }

    /** The settings in words: {@code base 10000}, and YaRN's factor where there is one. */
    @Override
    public String toString() {
        return "base " + (base == Math.rint(base) ? Long.toString((long) base) : Double.toString(base))
                + (yarn.isPresent() ? ", YaRN factor " + yarn.factor() + " from " + yarn.originalLength() : "");
    }
}
