package org.sluice.cluster;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What the owner of a slice computes where changes travel: the workers' mean change, in double precision, becomes an update by the outer
 * optimizer; what rounding left over of the updates before is added; the sum is rounded to the wire format; and the owner moves its own
 * parameters by what was sent, in fp32, as the workers do theirs.
 *
 * <p>{@code average}: the update is the mean change. {@code nesterov}: with {@code delta = -(mean change)}, {@code m = momentum * m +
 * delta}, it is {@code -learningRate * (delta + momentum * m)}.
 *
 * <p>For one thread at a time.
 */
final class UpdateArithmetic {
    private static final WireCodec FP32 = new Float32Codec();

    private final OuterOptimizer optimizer;
    private final double rate;
    private final WireCodec codec;
    private final double[] update = new double[WireCodec.TILE];
    private final float[] values = new float[WireCodec.TILE];
    private final float[] wanted = new float[WireCodec.TILE];
    private final float[] sent = new float[WireCodec.TILE];

    /** @param rate the learning rate of the round */
    UpdateArithmetic(OuterOptimizer optimizer, double rate, WireFormat format) {
        this.optimizer = optimizer;
        this.rate = rate;
        this.codec = format.codec();
    }

    /**
     * Makes a slice of the next version.
     *
     * @param before the slice of the version before; no momentum or residual in it stands for zeros
     * @param contributions what the workers sent, in their order, all of that slice
     * @param changes goes into the slice
     */
    GlobalSlice next(GlobalSlice before, List<Contribution> contributions, Map<Integer, Double> changes) {
        int bytes = before.parameters().length;
        int elements = bytes / Float.BYTES;
        SliceMean workers = new SliceMean(codec, contributions, elements);
        byte[] parameters = new byte[bytes];
        byte[] momentum = optimizer.keepsMomentum() ? new byte[bytes] : null;
        byte[] residual = new byte[bytes];
        byte[] encoded = new byte[codec.bytes(elements)];
        for (int first = 0; first < elements; first += WireCodec.TILE) {
            int count = Math.min(WireCodec.TILE, elements - first);
            workers.read(first, count, update);
            if (momentum != null) {
                read(before.momentum(), first, count);
                accelerate(count);
                FP32.encode(values, count, momentum, first);
            }
            read(before.residual(), first, count);
            addResidual(count);
            codec.encode(wanted, count, encoded, first);
            codec.decode(encoded, first, sent, count);
            subtract(wanted, sent, values, count);
            FP32.encode(values, count, residual, first);
            FP32.decode(before.parameters(), first, values, count);
            add(values, sent, count);
            FP32.encode(values, count, parameters, first);
        }
        List<Integer> senders =
                contributions.stream().flatMap(one -> one.workers().stream()).toList();
        return new GlobalSlice(
                before.index(), parameters, momentum, residual, null, new SliceUpdate(encoded, senders), changes);
    }

    private void read(byte[] source, int first, int count) {
        if (source == null) {
            Arrays.fill(values, 0, count, 0);
        } else {
            FP32.decode(source, first, values, count);
        }
    }

    /** From the mean change and the momentum to the update and the next momentum. */
    private void accelerate(int count) {
        double decay = optimizer.momentum();
        for (int at = 0; at < count; at++) {
            double delta = -update[at];
            double speed = decay * values[at] + delta;
            values[at] = (float) speed;
            update[at] = -rate * (delta + decay * speed);
        }
    }

    private void addResidual(int count) {
        for (int at = 0; at < count; at++) {
            wanted[at] = (float) (update[at] + values[at]);
        }
    }

    private static void subtract(float[] from, float[] values, float[] difference, int count) {
        for (int at = 0; at < count; at++) {
            difference[at] = from[at] - values[at];
        }
    }

    private static void add(float[] values, float[] change, int count) {
        for (int at = 0; at < count; at++) {
            values[at] += change[at];
        }
    }
}
