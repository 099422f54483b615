package org.sluice.backend.nd4j.cpu;

import static org.sluice.backend.nd4j.cpu.VectorMath.LANES;
import static org.sluice.backend.nd4j.cpu.VectorMath.SPECIES;

import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Reductions of a tile. The floats behind {@code count}, up to whole vectors, are 0. */
final class StatisticsKernels {
    private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;

    /** As many floats as {@link #DOUBLES} has doubles. */
    private static final VectorSpecies<Float> HALF =
            VectorSpecies.of(float.class, VectorShape.forBitSize(DOUBLES.vectorBitSize() / 2));

    private static final int STEP = HALF.length();

    private StatisticsKernels() {}

    static double sum(float[] x, int count, Scratch scratch) {
        DoubleVector sum = DoubleVector.zero(DOUBLES);
        for (int i = 0; i < count; i += STEP) {
            sum = ((DoubleVector) FloatVector.fromArray(HALF, x, i).convertShape(VectorOperators.F2D, DOUBLES, 0))
                    .add(sum);
        }
        return sumOfLanes(sum, scratch);
    }

    static double sumOfSquares(float[] x, int count, Scratch scratch) {
        DoubleVector sum = DoubleVector.zero(DOUBLES);
        for (int i = 0; i < count; i += STEP) {
            DoubleVector wide =
                    (DoubleVector) FloatVector.fromArray(HALF, x, i).convertShape(VectorOperators.F2D, DOUBLES, 0);
            sum = wide.fma(wide, sum);
        }
        return sumOfLanes(sum, scratch);
    }

    private static double sumOfLanes(DoubleVector x, Scratch scratch) {
        double[] lanes = scratch.doubles(DOUBLES.length());
        x.intoArray(lanes, 0);
        double sum = 0;
        for (int lane = 0; lane < DOUBLES.length(); lane++) {
            sum += lanes[lane];
        }
        return sum;
    }

    /** Compares the bits without the sign as integers: they are ordered as the numbers are, and NaN is above infinity. */
    static double maxAbsolute(float[] x, int count, Scratch scratch) {
        IntVector maximum = FloatVector.zero(SPECIES).reinterpretAsInts();
        for (int i = 0; i < count; i += LANES) {
            maximum = FloatVector.fromArray(SPECIES, x, i)
                    .reinterpretAsInts()
                    .and(Integer.MAX_VALUE)
                    .max(maximum);
        }
        int[] lanes = scratch.ints(LANES);
        maximum.intoArray(lanes, 0);
        int largest = 0;
        for (int lane = 0; lane < LANES; lane++) {
            largest = Math.max(largest, lanes[lane]);
        }
        return Float.intBitsToFloat(largest);
    }

    static double sumOfSigmoids(float[] x, int count, Scratch scratch) {
        GateKernels.sigmoid(x, count);
        Arrays.fill(x, count, VectorMath.padded(count), 0f);
        return sum(x, count, scratch);
    }
}
