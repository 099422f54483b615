package org.sluice.model;

import java.util.SplittableRandom;

/**
 * The values of parameters before training, from a seed: the same for every backend, type and Java version, and for each part of a
 * parameter independent of all others, so that a part of the flat space can be made without the rest.
 *
 * <p>Each run of {@value #CHUNK} elements of a parameter has a random stream of its own, seeded from the seed, the parameter's name and the
 * run's number; so a parameter's values do not depend on what else a model has. Two models that differ in their gate alone start from
 * the same values in all that they share. Normal numbers are by Box and Muller's method, rounded to float.
 */
public final class ParameterInitialiser {
    private static final int CHUNK = 1 << 16;

    private final ParameterLayout layout;
    private final long seed;

    public ParameterInitialiser(ParameterLayout layout, long seed) {
        this.layout = layout;
        this.seed = seed;
    }

    /**
     * The initial values of a part of the flat space.
     *
     * @param fromElement the first element
     * @param count the number of elements
     * @throws IndexOutOfBoundsException if the part is not wholly inside the flat space
     */
    public double[] values(long fromElement, int count) {
        if (count < 0 || fromElement < 0 || fromElement > layout.elements() - count) {
            throw new IndexOutOfBoundsException("elements " + fromElement + " to " + (fromElement + count)
                    + " are not inside the flat space of " + layout.elements() + " elements");
        }
        double[] values = new double[count];
        int filled = 0;
        while (filled < count) {
            Parameter parameter = layout.at(fromElement + filled);
            long inParameter = fromElement + filled - parameter.offset();
            filled += fillFromOneChunk(parameter, inParameter, values, filled);
        }
        return values;
    }

    /** Writes from an element of a parameter to the end of its chunk, or of the values if that is sooner; returns how many. */
    private int fillFromOneChunk(Parameter parameter, long from, double[] values, int at) {
        long chunk = from / CHUNK;
        int skipped = (int) (from % CHUNK);
        int inChunk = (int) Math.min(CHUNK, parameter.elements() - chunk * CHUNK);
        int count = Math.min(inChunk - skipped, values.length - at);
        SplittableRandom random = new SplittableRandom(streamSeed(parameter.name(), chunk));
        double mean = parameter.initialMean();
        double deviation = parameter.initialStandardDeviation();
        for (int i = 0; i < skipped + count; i += 2) {
            // 1 - u lies in (0, 1], where the logarithm is finite.
            double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - random.nextDouble()));
            double angle = 2 * Math.PI * random.nextDouble();
            put(values, at + i - skipped, at, at + count, mean + deviation * radius * StrictMath.cos(angle));
            put(values, at + i + 1 - skipped, at, at + count, mean + deviation * radius * StrictMath.sin(angle));
        }
        return count;
    }

    private static void put(double[] values, int index, int from, int to, double value) {
        if (index >= from && index < to) {
            values[index] = (float) value;
        }
    }

    private long streamSeed(String name, long chunk) {
        long hash = seed;
        for (int i = 0; i < name.length(); i++) {
            hash = mix(hash ^ name.charAt(i));
        }
        return mix(hash ^ chunk);
    }

    /** The finaliser of MurmurHash3 on a Weyl step: every bit of the input changes half of the output's. */
    private static long mix(long value) {
        long mixed = value + 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ (mixed >>> 33)) * 0xFF51AFD7ED558CCDL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xC4CEB9FE1A85EC53L;
        return mixed ^ (mixed >>> 33);
    }
}
