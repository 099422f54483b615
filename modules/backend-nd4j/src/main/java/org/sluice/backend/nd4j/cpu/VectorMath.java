package org.sluice.backend.nd4j.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The few functions of vectors that the kernels share.
 *
 * <p>They give the same bits interpreted and compiled: the exponential is a polynomial of fused multiply-adds rather than the lane
 * operation, whose results differ between the two, and sums over lanes are taken in a fixed order. Methods here are short on
 * purpose: a vector that leaves a method which was not inlined is put on the heap, at ten times the cost.
 */
final class VectorMath {
    /** The widest vectors that the machine works with well. */
    static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

    /** Floats in a vector. */
    static final int LANES = SPECIES.length();

    private static final float LOG2_E = 1.44269504f;
    /** ln 2 in two parts; the first has so few bits that its product with any exponent is exact. */
    private static final float LN2_HIGH = 0.693359375f;

    private static final float LN2_LOW = -2.12194440e-4f;
    /** 1.5 * 2^23: adding it rounds a float to the nearest integer, which then stands in the low bits. */
    private static final float ROUNDER = 12582912f;

    /** Below the logarithm of the smallest normal float the exponential is 0. */
    private static final float UNDERFLOW = -87.33654f;

    /** Above the logarithm of the largest float the exponential is infinite. */
    private static final float OVERFLOW = 88.72283f;

    // Remez coefficients of (exp(r) - 1 - r) / r^2 for |r| <= ln(2) / 2, as in the Cephes library's expf.
    private static final float C2 = 5.0000001201e-1f;
    private static final float C3 = 1.6666665459e-1f;
    private static final float C4 = 4.1665795894e-2f;
    private static final float C5 = 8.3334519073e-3f;
    private static final float C6 = 1.3981999507e-3f;
    private static final float C7 = 1.9875691500e-4f;

    private VectorMath() {}

    /** The least multiple of {@link #LANES} that is at least {@code count}. */
    static int padded(int count) {
        return (count + LANES - 1) / LANES * LANES;
    }

    /**
     * {@code exp(x)} within 1 unit in the last place: {@code exp(x) = 2^n exp(r)} with {@code n} the integer nearest to {@code x / ln 2}.
     * Results below the smallest normal float are 0; NaN stays NaN.
     */
    static FloatVector exp(FloatVector x) {
        FloatVector shifted = x.fma(FloatVector.broadcast(SPECIES, LOG2_E), FloatVector.broadcast(SPECIES, ROUNDER));
        FloatVector n = shifted.sub(ROUNDER);
        FloatVector r = n.fma(FloatVector.broadcast(SPECIES, -LN2_HIGH), x);
        r = n.fma(FloatVector.broadcast(SPECIES, -LN2_LOW), r);
        FloatVector p = FloatVector.broadcast(SPECIES, C7);
        p = p.fma(r, FloatVector.broadcast(SPECIES, C6));
        p = p.fma(r, FloatVector.broadcast(SPECIES, C5));
        p = p.fma(r, FloatVector.broadcast(SPECIES, C4));
        p = p.fma(r, FloatVector.broadcast(SPECIES, C3));
        p = p.fma(r, FloatVector.broadcast(SPECIES, C2));
        p = p.mul(r).fma(r, r).add(1f);
        IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
        FloatVector y = p.reinterpretAsInts().add(exponent).reinterpretAsFloats();
        y = y.blend(0f, x.compare(VectorOperators.LT, UNDERFLOW));
        y = y.blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, OVERFLOW));
        return y.blend(x, x.compare(VectorOperators.NE, x));
    }

    /** {@code 1 / (1 + exp(-x))}; exactly 0 or 1 far out. */
    static FloatVector sigmoid(FloatVector x) {
        return FloatVector.broadcast(SPECIES, 1f).div(exp(x.neg()).add(1f));
    }

    /** The sum of the lanes, in double precision, first to last. */
    static double sumOfLanes(FloatVector x, float[] lanes) {
        x.intoArray(lanes, 0);
        double sum = 0;
        for (int lane = 0; lane < LANES; lane++) {
            sum += lanes[lane];
        }
        return sum;
    }
}
