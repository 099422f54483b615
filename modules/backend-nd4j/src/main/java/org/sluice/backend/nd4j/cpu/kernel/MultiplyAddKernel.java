package org.sluice.backend.nd4j.cpu.kernel;

import static org.sluice.backend.nd4j.cpu.kernel.VectorMath.LANES;
import static org.sluice.backend.nd4j.cpu.kernel.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;

/**
 * Fused multiply-adds on registers alone, to measure how many of them a core does at most.
 *
 * <p>Ten chains that do not wait for one another: more than the four cycles that a multiply-add takes times the two that a core starts in
 * each, and few enough for the sixteen registers of AVX2.
 */
public final class MultiplyAddKernel {
    private static final int CHAINS = 10;

    private MultiplyAddKernel() {}

    /** The floating-point operations of so many steps: a multiply-add of one lane is two. */
    public static double operations(int steps) {
        return 2.0 * CHAINS * LANES * steps;
    }

    /**
     * Every chain begins with {@code y} and goes on with {@code s = x * s + y}.
     *
     * @param out room for one vector; its lanes become the sum of all chains, so that none can be left out
     */
    public static void run(int steps, float x, float y, float[] out) {
        FloatVector factor = FloatVector.broadcast(SPECIES, x);
        FloatVector term = FloatVector.broadcast(SPECIES, y);
        FloatVector s0 = term;
        FloatVector s1 = term;
        FloatVector s2 = term;
        FloatVector s3 = term;
        FloatVector s4 = term;
        FloatVector s5 = term;
        FloatVector s6 = term;
        FloatVector s7 = term;
        FloatVector s8 = term;
        FloatVector s9 = term;
        for (int step = 0; step < steps; step++) {
            s0 = factor.fma(s0, term);
            s1 = factor.fma(s1, term);
            s2 = factor.fma(s2, term);
            s3 = factor.fma(s3, term);
            s4 = factor.fma(s4, term);
            s5 = factor.fma(s5, term);
            s6 = factor.fma(s6, term);
            s7 = factor.fma(s7, term);
            s8 = factor.fma(s8, term);
            s9 = factor.fma(s9, term);
        }
        s0.add(s1)
                .add(s2)
                .add(s3)
                .add(s4)
                .add(s5)
                .add(s6)
                .add(s7)
                .add(s8)
                .add(s9)
                .intoArray(out, 0);
    }
}
