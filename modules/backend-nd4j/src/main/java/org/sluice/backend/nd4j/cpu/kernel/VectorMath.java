package org.sluice.backend.nd4j.cpu.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The few functions that the kernels share, on Java arrays.
 *
 * <p>They give the same bits interpreted and compiled: the exponential is a polynomial of fused multiply-adds rather than the lane
 * operation, whose results differ between the two, and sums over lanes are taken in a fixed order.
 */
public final class VectorMath {
    /** The widest vectors that the machine works with well. */
    public static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

    /** Floats in a vector. */
    public static final int LANES = SPECIES.length();

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
    public static int padded(int count) {
        return (count + LANES - 1) / LANES * LANES;
    }

    /** {@code x = exp(factor * x)}; see {@link #exp(float[], float[], int, int, float)}. */
    public static void exp(float[] x, int at, int count, float factor) {
        exp(x, x, at, count, factor);
    }

    /**
     * {@code out = exp(factor * x)} for {@code count} floats from {@code at} on, in whole vectors, within 1 unit in the last place of the
     * exponential: {@code exp(x) = 2^n exp(r)} with {@code n} the integer nearest to {@code x / ln 2}. Results below the smallest normal
     * float are 0; NaN stays NaN.
     *
     * @param out may be {@code x} itself
     */
    public static void exp(float[] x, float[] out, int at, int count, float factor) {
        for (int i = at; i < at + count; i += LANES) {
            FloatVector argument = FloatVector.fromArray(SPECIES, x, i).mul(factor);
            FloatVector shifted =
                    argument.fma(FloatVector.broadcast(SPECIES, LOG2_E), FloatVector.broadcast(SPECIES, ROUNDER));
            FloatVector n = shifted.sub(ROUNDER);
            FloatVector r = n.fma(FloatVector.broadcast(SPECIES, -LN2_HIGH), argument);
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
            y = y.blend(0f, argument.compare(VectorOperators.LT, UNDERFLOW));
            y = y.blend(Float.POSITIVE_INFINITY, argument.compare(VectorOperators.GT, OVERFLOW));
            y.blend(argument, argument.compare(VectorOperators.NE, argument)).intoArray(out, i);
        }
    }

    /** {@code out = 1 / (1 + exp(-x))} for {@code count} floats, in whole vectors; exactly 0 or 1 far out. */
    public static void sigmoid(float[] x, float[] out, int count) {
        exp(x, out, 0, count, -1f);
        FloatVector one = FloatVector.broadcast(SPECIES, 1f);
        for (int i = 0; i < count; i += LANES) {
            one.div(FloatVector.fromArray(SPECIES, out, i).add(1f)).intoArray(out, i);
        }
    }

    /** {@code x += factor * y} for {@code count} floats, from {@code at} and {@code yAt} on, in whole vectors. */
    public static void addScaled(float[] x, int at, float[] y, int yAt, float factor, int count) {
        FloatVector factors = FloatVector.broadcast(SPECIES, factor);
        for (int i = 0; i < count; i += LANES) {
            FloatVector.fromArray(SPECIES, y, yAt + i)
                    .fma(factors, FloatVector.fromArray(SPECIES, x, at + i))
                    .intoArray(x, at + i);
        }
    }

    /** The sum of the first {@link #LANES} numbers, in double precision, first to last. */
    public static double sumOfLanes(float[] lanes) {
        double sum = 0;
        for (int lane = 0; lane < LANES; lane++) {
            sum += lanes[lane];
        }
        return sum;
    }
}
