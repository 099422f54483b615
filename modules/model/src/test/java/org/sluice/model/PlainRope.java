package org.sluice.model;

import java.util.stream.IntStream;

/**
 * Rotary position embedding, rotate-half, with YaRN (arXiv 2309.00071) as its authors' code has it: the ramp is linear in the number of
 * the pair, between the last pair that makes at least {@code betaFast} turns in the original context and the first that makes at most
 * {@code betaSlow}.
 */
final class PlainRope {
    private final RopeConfig config;
    private final int headDim;
    private final double[] frequencies;

    PlainRope(RopeConfig config, int headDim) {
        this.config = config;
        this.headDim = headDim;
        this.frequencies = IntStream.range(0, headDim / 2)
                .mapToDouble(this::slowedFrequency)
                .toArray();
    }

    /** A head's values turned for their position, and made larger by YaRN's attention factor. */
    double[] turned(double[] head, int position) {
        double larger = 1 + 0.1 * Math.log(config.yarn().factor());
        int half = headDim / 2;
        double[] out = new double[headDim];
        for (int i = 0; i < half; i++) {
            double angle = position * frequency(i);
            out[i] = larger * (head[i] * Math.cos(angle) - head[i + half] * Math.sin(angle));
            out[i + half] = larger * (head[i + half] * Math.cos(angle) + head[i] * Math.sin(angle));
        }
        return out;
    }

    /** The angle between two positions. */
    double frequency(int pair) {
        return frequencies[pair];
    }

    private double slowedFrequency(int pair) {
        double slowed = slowed(pair);
        return (1 - slowed) * plainFrequency(pair)
                + slowed * plainFrequency(pair) / config.yarn().factor();
    }

    private double slowed(int pair) {
        int low = 0;
        while (turns(low + 1) >= config.yarn().betaFast()) {
            low++;
        }
        int high = headDim - 1;
        while (high > low + 1 && turns(high - 1) <= config.yarn().betaSlow()) {
            high--;
        }
        return Math.max(0, Math.min(1, (pair - low) / (double) (high - low)));
    }

    private double turns(int pair) {
        return config.yarn().originalLength() * plainFrequency(pair) / (2 * Math.PI);
    }

    private double plainFrequency(int pair) {
        return 1 / Math.pow(config.base(), 2.0 * pair / headDim);
    }
}
