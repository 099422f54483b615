package org.sluice.backend.nd4j.cpu.kernel;

import static org.sluice.backend.nd4j.cpu.kernel.VectorMath.LANES;
import static org.sluice.backend.nd4j.cpu.kernel.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;

/** A router and the rows of a mixture of experts in Java arrays. */
public final class MixtureKernels {
    private MixtureKernels() {}

    /**
     * The {@code chosen} largest of {@code count} logits from {@code at} on, in falling order, of equal ones the first first: one pass
     * that keeps the best so far in order. Most logits fail at the first comparison.
     *
     * @param best room for {@code chosen} floats
     * @param experts their indices go to {@code experts[to ..]}
     */
    public static void choose(float[] logits, int at, int count, int chosen, float[] best, int[] experts, int to) {
        for (int x = 0; x < count; x++) {
            float logit = logits[at + x];
            if (x >= chosen && !(logit > best[chosen - 1])) {
                continue;
            }
            int rank = Math.min(x, chosen - 1);
            for (; rank > 0 && logit > best[rank - 1]; rank--) {
                best[rank] = best[rank - 1];
                experts[to + rank] = experts[to + rank - 1];
            }
            best[rank] = logit;
            experts[to + rank] = x;
        }
    }

    /** The sum of the probabilities of a row's chosen experts. */
    public static double chosenProbability(float[] probabilities, int at, int[] experts, int choice, int chosen) {
        double sum = 0;
        for (int j = 0; j < chosen; j++) {
            int expert = experts[choice + j];
            sum += expert < 0 ? 0 : probabilities[at + expert];
        }
        return sum;
    }

    /** {@code sums[sumsAt ..] += p} over {@code count} floats from {@code at} on, in double precision. */
    public static void addTo(double[] sums, int sumsAt, float[] p, int at, int count) {
        for (int x = 0; x < count; x++) {
            sums[sumsAt + x] += p[at + x];
        }
    }

    /** The sum of {@code p * factors} over {@code count} floats from {@code at} on, in double precision. */
    public static double dot(float[] p, int at, double[] factors, int count) {
        double even = 0;
        double odd = 0;
        int x = 0;
        for (; x + 1 < count; x += 2) {
            even += p[at + x] * factors[x];
            odd += p[at + x + 1] * factors[x + 1];
        }
        return x < count ? even + p[at + x] * factors[x] + odd : even + odd;
    }

    /** {@code p = p * (factors + shift)} over {@code count} floats from {@code at} on, in double precision. */
    public static void multiply(float[] p, int at, double[] factors, double shift, int count) {
        for (int x = 0; x < count; x++) {
            p[at + x] = (float) (p[at + x] * (factors[x] + shift));
        }
    }

    /** {@code out = factor * x}, in whole vectors. */
    public static void scale(float[] x, float factor, float[] out, int count) {
        for (int i = 0; i < count; i += LANES) {
            FloatVector.fromArray(SPECIES, x, i).mul(factor).intoArray(out, i);
        }
    }
}
