package org.sluice.cluster;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What the owner of a slice computes where the workers' parameters travel, in double precision on fp32 little-endian values. {@link
 * UpdateArithmetic} is for what changed.
 */
final class SliceArithmetic {
    private static final VarHandle FLOATS =
            MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);

    private SliceArithmetic() {}

    /**
     * The workers' mean of their parameters, see {@link SliceMean}.
     *
     * @param contributions one of each worker, in the order of the workers, all of the same slice
     */
    static byte[] mean(List<Contribution> contributions) {
        WireCodec fp32 = new Float32Codec();
        byte[] mean = new byte[contributions.get(0).values().length];
        int elements = mean.length / Float.BYTES;
        SliceMean workers = new SliceMean(fp32, contributions, elements);
        double[] exact = new double[WireCodec.TILE];
        float[] rounded = new float[WireCodec.TILE];
        for (int first = 0; first < elements; first += WireCodec.TILE) {
            int count = Math.min(WireCodec.TILE, elements - first);
            workers.read(first, count, exact);
            for (int at = 0; at < count; at++) {
                rounded[at] = (float) exact[at];
            }
            fp32.encode(rounded, count, mean, first);
        }
        return mean;
    }

    /**
     * What some workers send as one: their mean with the sum of their weights, of each expert too.
     *
     * @param contributions one of each worker, in the order of the workers, all of the same slice
     */
    static Contribution together(List<Contribution> contributions) {
        Contribution first = contributions.get(0);
        List<ExpertRun> experts = new ArrayList<>();
        for (int at = 0; at < first.experts().size(); at++) {
            int index = at;
            ExpertRun run = first.experts().get(at);
            long rows = contributions.stream()
                    .mapToLong(one -> one.experts().get(index).rows())
                    .sum();
            experts.add(new ExpertRun(run.from(), run.to(), rows));
        }
        return new Contribution(
                first.slice(),
                contributions.stream().flatMap(one -> one.workers().stream()).toList(),
                contributions.stream().mapToLong(Contribution::targets).sum(),
                experts,
                mean(contributions));
    }

    /**
     * The workers' mean as the next version.
     *
     * @param mean with the moments of their optimizers behind the parameters if these are averaged
     * @param changes goes into the slice
     */
    static GlobalSlice average(GlobalSlice global, byte[] mean, Map<Integer, Double> changes) {
        byte[] moments = moments(global, mean);
        byte[] parameters = moments == null ? mean : Arrays.copyOf(mean, global.parameters().length);
        return new GlobalSlice(global.index(), parameters, null, null, moments, null, changes);
    }

    /**
     * Moves what was trained on by the difference between a version and what it is made of.
     *
     * @param trained changed: {@code trained + (version - sent)}, rounded once
     * @param sent what was trained on from
     */
    static void move(byte[] trained, byte[] sent, byte[] version) {
        for (int at = 0; at < trained.length; at += Float.BYTES) {
            double difference = (double) (float) FLOATS.get(version, at) - (float) FLOATS.get(sent, at);
            FLOATS.set(trained, at, (float) ((float) FLOATS.get(trained, at) + difference));
        }
    }

    /** What is behind the parameters; null if nothing is. */
    private static byte[] moments(GlobalSlice global, byte[] mean) {
        int parameters = global.parameters().length;
        return mean.length == parameters ? null : Arrays.copyOfRange(mean, parameters, mean.length);
    }

    /**
     * One step of Nesterov momentum away from a version, towards the workers' mean.
     *
     * @param rate the learning rate of the round
     * @param global the version before; no momentum in it stands for a momentum of zero
     * @param mean the workers', with the moments of their optimizers behind the parameters if these are averaged
     * @param changes goes into the slice
     * @return parameters and momentum of the next version, with the index of the version before
     */
    static GlobalSlice nesterov(
            OuterOptimizer optimizer, double rate, GlobalSlice global, byte[] mean, Map<Integer, Double> changes) {
        byte[] moments = moments(global, mean);
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
        return new GlobalSlice(global.index(), parameters, momentum, null, moments, null, changes);
    }
}
