package org.sluice.tensor.contract;

import java.util.Random;
import org.sluice.tensor.DType;
import org.sluice.tensor.Loss;

/** Random inputs from a seed: the same seed gives the same inputs. */
final class RandomCases {
    private static final long BASE = Long.getLong("sluice.test.seed", System.nanoTime());

    private final long seed;
    private final Random random;

    private RandomCases(long seed) {
        this.seed = seed;
        this.random = new Random(seed);
    }

    /** The cases of one test; the seed to repeat them is printed. */
    static RandomCases of(String test) {
        System.out.println(test + ": -Dsluice.test.seed=" + BASE);
        return new RandomCases(BASE * 31 + test.hashCode());
    }

    /** What a failure message says to repeat the case. */
    String description() {
        return "seed " + BASE + " (derived " + seed + ")";
    }

    int oneOf(int... sizes) {
        return sizes[random.nextInt(sizes.length)];
    }

    /** A number of {@code 0 .. bound - 1}. */
    int below(int bound) {
        return random.nextInt(bound);
    }

    /** Normally distributed numbers, rounded to the type so that a backend and a loop see the same. */
    double[] normal(DType dtype, int count, double standardDeviation) {
        double[] values = new double[count];
        for (int index = 0; index < count; index++) {
            values[index] = rounded(dtype, standardDeviation * random.nextGaussian());
        }
        return values;
    }

    /**
     * Logits of a router, {@code [rows, experts]}, no two of a row nearer to each other than 0.01: small changes do not change their
     * order.
     */
    double[] logitsApart(DType dtype, int rows, int experts) {
        double[] logits = new double[rows * experts];
        for (int n = 0; n < rows; n++) {
            for (int x = 0; x < experts; x++) {
                int other = n * experts + below(x + 1);
                logits[n * experts + x] = logits[other];
                logits[other] = 0.1 * (x - experts / 2) + 0.09 * random.nextDouble();
            }
        }
        for (int index = 0; index < logits.length; index++) {
            logits[index] = rounded(dtype, logits[index]);
        }
        return logits;
    }

    static double rounded(DType dtype, double value) {
        return dtype == DType.FLOAT32 ? (float) value : value;
    }

    int[] tokens(int count, int vocabulary) {
        return random.ints(count, 0, vocabulary).toArray();
    }

    /** Targets, about a fifth of them ignored. */
    int[] targets(int count, int vocabulary) {
        int[] targets = tokens(count, vocabulary);
        for (int index = 0; index < count; index++) {
            if (random.nextInt(5) == 0) {
                targets[index] = Loss.IGNORED;
            }
        }
        return targets;
    }

    /** 1 for most rows and 0 for about a fifth, as a router takes them. */
    int[] routed(int rows) {
        return random.ints(rows, 0, 5).map(number -> Math.min(number, 1)).toArray();
    }

    /** Document starts for {@code batch} sequences, as attention takes them; several documents in a sequence, some of one token. */
    int[] firstVisible(int batch, int time) {
        int[] firstVisible = new int[batch * time];
        for (int sequence = 0; sequence < batch; sequence++) {
            int start = 0;
            int oneIn = oneOf(2, 7, 1000);
            for (int t = 0; t < time; t++) {
                if (t > 0 && random.nextInt(oneIn) == 0) {
                    start = t;
                }
                firstVisible[sequence * time + t] = start;
            }
        }
        return firstVisible;
    }
}
