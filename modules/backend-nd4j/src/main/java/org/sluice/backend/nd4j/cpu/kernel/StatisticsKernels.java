package org.sluice.backend.nd4j.cpu.kernel;

import static org.sluice.backend.nd4j.cpu.kernel.VectorMath.LANES;
import static org.sluice.backend.nd4j.cpu.kernel.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Reductions of a tile. The floats behind {@code count}, up to whole vectors, are 0.
 *
 * <p>The sums in double precision use no vectors, but four accumulators, which is as fast as memory.
 */
public final class StatisticsKernels {
    private StatisticsKernels() {}

    public static double sum(float[] x, int count, int[] lanes) {
        double sum0 = 0;
        double sum1 = 0;
        double sum2 = 0;
        double sum3 = 0;
        for (int i = 0; i < count; i += 4) {
            sum0 += x[i];
            sum1 += x[i + 1];
            sum2 += x[i + 2];
            sum3 += x[i + 3];
        }
        return (sum0 + sum1) + (sum2 + sum3);
    }

    public static double sumOfSquares(float[] x, int count, int[] lanes) {
        double sum0 = 0;
        double sum1 = 0;
        double sum2 = 0;
        double sum3 = 0;
        for (int i = 0; i < count; i += 4) {
            // The square of a float is exact in a double.
            sum0 += (double) x[i] * x[i];
            sum1 += (double) x[i + 1] * x[i + 1];
            sum2 += (double) x[i + 2] * x[i + 2];
            sum3 += (double) x[i + 3] * x[i + 3];
        }
        return (sum0 + sum1) + (sum2 + sum3);
    }

    /** Compares the bits without the sign as integers: they are ordered as the numbers are, and NaN is above infinity. */
    public static double maxAbsolute(float[] x, int count, int[] lanes) {
        IntVector maximum = FloatVector.zero(SPECIES).reinterpretAsInts();
        for (int i = 0; i < count; i += LANES) {
            maximum = FloatVector.fromArray(SPECIES, x, i)
                    .reinterpretAsInts()
                    .and(Integer.MAX_VALUE)
                    .max(maximum);
        }
        maximum.intoArray(lanes, 0);
        int largest = 0;
        for (int lane = 0; lane < LANES; lane++) {
            largest = Math.max(largest, lanes[lane]);
        }
        return Float.intBitsToFloat(largest);
    }
}
