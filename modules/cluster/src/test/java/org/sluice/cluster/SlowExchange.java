package org.sluice.cluster;

import java.util.Arrays;

/**
 * Rounds of {@link ArrayParticipant} in which changes travel, in plain loops over the whole flat space; each value that is kept is rounded to
 * fp32 from double precision. The twin of workers, owners and shuffle together.
 */
final class SlowExchange {
    private final SliceLayout layout;
    private final ExchangeRules rules;
    private final int workers;
    private final int from;
    private final int expertElements;
    private final float[] global;
    private final float[] momentum;
    private final float[] ownersResidual;
    private final float[][] residuals;

    /**
     * @param from the first element of the first expert
     * @param expertElements of each expert; 0 for none
     */
    SlowExchange(SliceLayout layout, ExchangeRules rules, int workers, int from, int expertElements) {
        int elements = (int) layout.elements();
        this.layout = layout;
        this.rules = rules;
        this.workers = workers;
        this.from = from;
        this.expertElements = expertElements;
        this.global = new float[elements];
        this.momentum = new float[elements];
        this.ownersResidual = new float[elements];
        this.residuals = new float[workers][elements];
        for (int at = 0; at < elements; at++) {
            global[at] = ArrayParticipant.initial(at);
        }
    }

    float[] global() {
        return global;
    }

    float[] residual(int worker) {
        return residuals[worker];
    }

    void round(int round) {
        float[][] sent = new float[workers][];
        for (int worker = 0; worker < workers; worker++) {
            float[] wanted = new float[global.length];
            for (int at = 0; at < wanted.length; at++) {
                float local = (float) ((double) global[at] + ArrayParticipant.change(worker, round, at));
                float change = (float) ((double) local - global[at]);
                wanted[at] = (float) ((double) change + residuals[worker][at]);
            }
            sent[worker] = received(wanted);
            leave(wanted, sent[worker], residuals[worker]);
        }
        float[] wanted = new float[global.length];
        for (int at = 0; at < wanted.length; at++) {
            wanted[at] = (float) (step(at, mean(sent, round, at), round) + ownersResidual[at]);
        }
        float[] update = received(wanted);
        leave(wanted, update, ownersResidual);
        for (int at = 0; at < wanted.length; at++) {
            global[at] = (float) ((double) global[at] + update[at]);
        }
    }

    private static void leave(float[] wanted, float[] sent, float[] residual) {
        for (int at = 0; at < wanted.length; at++) {
            residual[at] = (float) ((double) wanted[at] - sent[at]);
        }
    }

    /** Each slice is rounded on its own. */
    private float[] received(float[] wanted) {
        float[] received = new float[wanted.length];
        for (int slice = 0; slice < layout.slices(); slice++) {
            int offset = (int) layout.offset(slice);
            float[] values = Arrays.copyOfRange(wanted, offset, offset + layout.length(slice));
            System.arraycopy(SlowWire.received(rules.format(), values), 0, received, offset, values.length);
        }
        return received;
    }

    private double mean(float[][] sent, int round, int at) {
        int expert = expertElements == 0 || at < from ? Integer.MAX_VALUE : (at - from) / expertElements;
        double[] weights = ExchangeTest.weights(workers, round, expert);
        double sum = 0;
        for (int worker = 0; worker < workers; worker++) {
            sum += weights[worker] * sent[worker][at];
        }
        return sum / Arrays.stream(weights).sum();
    }

    private double step(int at, double mean, int round) {
        OuterOptimizer optimizer = rules.optimizer();
        if (!optimizer.keepsMomentum()) {
            return mean;
        }
        double done = (round + 1.0) / rules.steps();
        double rate = optimizer.finalLearningRate()
                + (optimizer.learningRate() - optimizer.finalLearningRate()) * (1 + StrictMath.cos(Math.PI * done)) / 2;
        double delta = -mean;
        double speed = optimizer.momentum() * momentum[at] + delta;
        momentum[at] = (float) speed;
        return -rate * (delta + optimizer.momentum() * speed);
    }
}
