package org.sluice.cluster;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/** What the owner of a slice computes, in double precision on fp32 little-endian values, and always in the order of the workers. */
final class SliceArithmetic {
    private static final VarHandle FLOATS =
            MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);

    private SliceArithmetic() {}

    /**
     * The mean of the workers' values, weighted by the targets that they trained on; the plain mean if nobody had any.
     *
     * <p>The mean of one worker's values is those values, bit for bit: the product of a float and a weight below 2^29 is exact in double
     * precision, and the sum starts from the first term, so that even a negative zero stays one.
     *
     * @param contributions one of each worker, in the order of the workers, all of the same slice
     */
    static byte[] mean(List<Contribution> contributions) {
        int workers = contributions.size();
        byte[][] values = new byte[workers][];
        double[] weights = new double[workers];
        double total = 0;
        for (int worker = 0; worker < workers; worker++) {
            values[worker] = contributions.get(worker).parameters();
            weights[worker] = contributions.get(worker).weight();
            total += weights[worker];
        }
        if (total == 0) {
            Arrays.fill(weights, 1);
            total = workers;
        }
        byte[] mean = new byte[values[0].length];
        for (int at = 0; at < mean.length; at += Float.BYTES) {
            double sum = weights[0] * (float) FLOATS.get(values[0], at);
            for (int worker = 1; worker < workers; worker++) {
                sum += weights[worker] * (float) FLOATS.get(values[worker], at);
            }
            FLOATS.set(mean, at, (float) (sum / total));
        }
        return mean;
    }

    /**
     * One step of Nesterov momentum away from a version, towards the workers' mean.
     *
     * @param global the version before; no momentum in it stands for a momentum of zero
     * @return parameters and momentum of the next version, with the index of the version before
     */
    static GlobalSlice nesterov(OuterOptimizer optimizer, GlobalSlice global, byte[] mean, List<WorkerReport> reports) {
        double rate = optimizer.learningRate();
        double decay = optimizer.momentum();
        byte[] old = global.parameters();
        byte[] oldMomentum = global.momentum();
        byte[] parameters = new byte[old.length];
        byte[] momentum = new byte[old.length];
        for (int at = 0; at < old.length; at += Float.BYTES) {
            double before = (float) FLOATS.get(old, at);
            double delta = before - (float) FLOATS.get(mean, at);
            double speed = oldMomentum == null ? delta : decay * (float) FLOATS.get(oldMomentum, at) + delta;
            FLOATS.set(momentum, at, (float) speed);
            FLOATS.set(parameters, at, (float) (before - rate * (delta + decay * speed)));
        }
        return new GlobalSlice(global.index(), parameters, momentum, reports);
    }
}
