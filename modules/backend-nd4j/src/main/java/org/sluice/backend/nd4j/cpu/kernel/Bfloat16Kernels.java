package org.sluice.backend.nd4j.cpu.kernel;

import static org.sluice.backend.nd4j.cpu.kernel.VectorMath.LANES;
import static org.sluice.backend.nd4j.cpu.kernel.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Between floats and bfloat16, the upper half of a float's bits. The floor is memory: 6 bytes a number, 10 where the result is added.
 */
public final class Bfloat16Kernels {
    /** As many shorts as {@link VectorMath#SPECIES} has floats. */
    private static final VectorSpecies<Short> SHORTS =
            VectorSpecies.of(short.class, VectorShape.forBitSize(LANES * Short.SIZE));

    private static final VectorSpecies<Integer> INTEGERS = VectorSpecies.of(int.class, SPECIES.vectorShape());

    /** Just below half of the last bit that stays. */
    private static final int ALMOST_HALF = 0x7fff;

    /** Makes any NaN one that stays a NaN when its lower half is cut off. */
    private static final int QUIET = 0x400000;

    private Bfloat16Kernels() {}

    /** {@code y} = the bfloat16 nearest to {@code x}, ties to the even one, for {@code count} numbers in whole vectors; NaN stays NaN. */
    public static void round(float[] x, short[] y, int count) {
        for (int i = 0; i < count; i += LANES) {
            FloatVector number = FloatVector.fromArray(SPECIES, x, i);
            IntVector bits = number.reinterpretAsInts();
            IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
            IntVector rounded = bits.add(odd).add(ALMOST_HALF);
            IntVector quiet = bits.or(QUIET);
            rounded.blend(quiet, number.compare(VectorOperators.NE, number).cast(INTEGERS))
                    .lanewise(VectorOperators.LSHR, 16)
                    .convertShape(VectorOperators.I2S, SHORTS, 0)
                    .reinterpretAsShorts()
                    .intoArray(y, i);
        }
    }

    /** {@code y = x}, exactly, for {@code count} numbers in whole vectors. */
    public static void widen(short[] x, float[] y, int count) {
        for (int i = 0; i < count; i += LANES) {
            ShortVector.fromArray(SHORTS, x, i)
                    .convertShape(VectorOperators.S2I, INTEGERS, 0)
                    .reinterpretAsInts()
                    .lanewise(VectorOperators.LSHL, 16)
                    .reinterpretAsFloats()
                    .intoArray(y, i);
        }
    }
}
