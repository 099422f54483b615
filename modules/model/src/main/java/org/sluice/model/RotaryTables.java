package org.sluice.model;

import org.sluice.tensor.Backend;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/**
 * The cosines and sines of rotary position embedding: the angle of position {@code t} and pair {@code i} is {@code t * base^(-2 i / E)},
 * computed in double precision.
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
        for (int pair = 0; pair < pairs; pair++) {
            double frequency = Math.pow(config.ropeBase(), -2.0 * pair / config.headDim());
            for (int position = 0; position < length; position++) {
                cosines[position * pairs + pair] = Math.cos(position * frequency);
                sines[position * pairs + pair] = Math.sin(position * frequency);
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
