package org.sluice.model;

import org.sluice.tensor.Backend;
import org.sluice.tensor.Memory;
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

    /** The angles of the positions from 0 on. */
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
        RotaryTables tables = room(allocator, config);
        backend.memory().writeDoubles(cosines, tables.cosine);
        backend.memory().writeDoubles(sines, tables.sine);
        return tables;
    }

    /** Room for the angles of as many positions as the allocator's batch is long. */
    static RotaryTables room(Allocator allocator, DecoderConfig config) {
        Shape shape = Shape.of(allocator.batch().length(), config.headDim() / 2);
        return new RotaryTables(allocator.allocate("rotary.cosine", shape), allocator.allocate("rotary.sine", shape));
    }

    /** Copies the angles of the positions from {@code first} on into a shorter table. */
    void copyTo(RotaryTables window, int first, Memory memory) {
        long from = first * cosine.shape().dimension(1);
        memory.copyPart(cosine, from, window.cosine, 0, window.cosine.elements());
        memory.copyPart(sine, from, window.sine, 0, window.sine.elements());
    }
}
