package org.sluice.model;

import org.sluice.tensor.Backend;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/**
 * The cosines and sines of rotary position embedding: the angle of position {@code t} and pair {@code i} is {@code t} times
 * {@link RopeConfig#frequencies}, computed in double precision. With YaRN both are multiplied by its attention factor, which so
 * multiplies queries and keys.
 *
 * @param cosine {@code [T, E / 2]}
 * @param sine {@code [T, E / 2]}
 */
record RotaryTables(Tensor cosine, Tensor sine) {

    static RotaryTables allocate(Allocator allocator, DecoderConfig config, Backend backend) {
        int length = allocator.batch().length();
        int pairs = config.headDim() / 2;
        double[] cosines = new double[Math.multiplyExact(length, pairs)];
        double[] sines = new double[cosines.length];
        double[] frequencies = config.rope().frequencies(config.headDim());
        double factor = config.rope().yarn().attentionFactor();
        for (int pair = 0; pair < pairs; pair++) {
            for (int position = 0; position < length; position++) {
                double angle = position * frequencies[pair];
                cosines[position * pairs + pair] = factor * Math.cos(angle);
                sines[position * pairs + pair] = factor * Math.sin(angle);
            }
        }
        Shape shape = Shape.of(length, pairs);
        Tensor cosine = allocator.allocate("rotary.cosine", shape);
        Tensor sine = allocator.allocate("rotary.sine", shape);
        backend.memory().writeDoubles(cosines, cosine);
        backend.memory().writeDoubles(sines, sine);
        return new RotaryTables(cosine, sine);
    }
}
