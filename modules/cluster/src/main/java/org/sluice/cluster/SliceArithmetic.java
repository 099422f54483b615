package org.sluice.cluster;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToLongFunction;

/** What the owner of a slice computes, in double precision on fp32 little-endian values, and always in the order of the workers. */
final class SliceArithmetic {
    private static final VarHandle FLOATS =
            MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);

    private SliceArithmetic() {}

    /** The weight of each worker, and the sum of all. */
    private record Weights(double[] ofWorkers, double total) {
        static Weights of(List<Contribution> contributions, ToLongFunction<Contribution> weight) {
            double[] weights =
                    contributions.stream().mapToDouble(weight::applyAsLong).toArray();
            return new Weights(weights, Arrays.stream(weights).sum());
        }

        /** These, or others if they are all 0. */
        Weights or(Weights others) {
            return total == 0 ? others : this;
        }
    }

    /**
     * The mean of the workers' values, weighted by the targets that they trained on; the plain mean if nobody had any. The values of an
     * expert are weighted by the rows that each worker routed to it, unless nobody routed any.
     *
     * <p>The mean of one worker's values is those values, bit for bit: the product of a float and a weight below 2^29 is exact in double
     * precision, and the sum starts from the first term, so that even a negative zero stays one.
     *
     * @param contributions one of each worker, in the order of the workers, all of the same slice
     */
    static byte[] mean(List<Contribution> contributions) {
        byte[][] values = contributions.stream().map(Contribution::parameters).toArray(byte[][]::new);
        byte[] mean = new byte[values[0].length];
        Weights targets =
                Weights.of(contributions, Contribution::targets).or(Weights.of(contributions, contribution -> 1));
        int runs = contributions.get(0).experts().size();
        int done = 0;
        for (int at = 0; at < runs; at++) {
            int index = at;
            ExpertRun run = contributions.get(0).experts().get(at);
            mean(values, targets, mean, done, run.from());
            Weights rows = Weights.of(
                    contributions,
                    contribution -> contribution.experts().get(index).rows());
            mean(values, rows.or(targets), mean, run.from(), run.to());
            done = run.to();
        }
        mean(values, targets, mean, done, mean.length / Float.BYTES);
        return mean;
    }

    /** The mean of some elements, all of the same weights. */
    private static void mean(byte[][] values, Weights weights, byte[] mean, int from, int to) {
        double[] ofWorkers = weights.ofWorkers();
        double total = weights.total();
        for (int at = from * Float.BYTES; at < to * Float.BYTES; at += Float.BYTES) {
            double sum = ofWorkers[0] * (float) FLOATS.get(values[0], at);
            for (int worker = 1; worker < ofWorkers.length; worker++) {
                sum += ofWorkers[worker] * (float) FLOATS.get(values[worker], at);
            }
            FLOATS.set(mean, at, (float) (sum / total));
        }
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
