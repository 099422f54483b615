package org.sluice.cluster;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.sluice.model.ParameterLayout;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;
import org.sluice.training.Replica;

/**
 * Rounds of replicas on this machine that exchange fragments, at once or a round later, in plain loops over the whole flat space and in double
 * precision. The twin of workers, owners, shuffle and driver together, for parameters that travel.
 */
final class SlowStreaming implements AutoCloseable {
    private final TrainingPlan plan;
    private final SyntheticBlocks blocks;
    private final SliceLayout layout;
    private final List<Backend> backends = new ArrayList<>();
    private final List<Replica> replicas = new ArrayList<>();
    private final double[] global;
    private final double[] momentum;
    private final double[][] sent;
    private final long[][] targets;
    private Set<Integer> inFlight = Set.of();

    SlowStreaming(TrainingPlan plan, SyntheticBlocks blocks) {
        this.plan = plan;
        this.blocks = blocks;
        ClusterConfig cluster = plan.cluster();
        this.layout = SliceLayout.of(
                ParameterLayout.of(plan.model()).elements(),
                cluster.sliceElements(),
                cluster.workers(),
                cluster.streaming().fragments());
        int elements = (int) layout.elements();
        this.momentum = new double[elements];
        this.sent = new double[cluster.workers()][elements];
        this.targets = new long[cluster.workers()][layout.fragments()];
        for (int worker = 0; worker < cluster.workers(); worker++) {
            backends.add(Backends.open("auto", 1));
            replicas.add(new Replica(plan.model(), plan.training(), backends.get(worker), blocks.blockLength()));
            replicas.get(worker).initialise();
        }
        this.global = read(0);
    }

    /** Trains to the end; returns the parameters. */
    byte[] train() {
        ClusterConfig cluster = plan.cluster();
        long rounds = plan.training().steps() / cluster.localSteps();
        for (long round = 1; round <= rounds; round++) {
            for (int worker = 0; worker < replicas.size(); worker++) {
                train(worker, (round - 1) * cluster.localSteps());
            }
            boolean whole = round == rounds || round % cluster.checkpointRounds() == 0;
            takeWhatIsInFlight();
            send(whole ? layout.allFragments() : Set.of((int) ((round - 1) % layout.fragments())));
            if (whole || !cluster.streaming().overlap()) {
                takeWhatIsInFlight();
            }
        }
        return TrainingFixture.parameters(replicas.get(0), backends.get(0));
    }

    private void train(int worker, long first) {
        int share = plan.cluster().blocksPerStep();
        int workers = replicas.size();
        for (long step = first; step < first + plan.cluster().localSteps(); step++) {
            long from = step * share + worker * (long) share / workers;
            long to = step * share + (worker + 1) * (long) share / workers;
            long trained =
                    replicas.get(worker).step(step, blocks.range(from, to)).targets();
            for (int fragment = 0; fragment < layout.fragments(); fragment++) {
                targets[worker][fragment] += trained;
            }
        }
    }

    /** The next version is made of what the workers have now. */
    private void send(Set<Integer> fragments) {
        double[][] now = new double[replicas.size()][];
        for (int worker = 0; worker < now.length; worker++) {
            now[worker] = read(worker);
        }
        OuterOptimizer outer = plan.cluster().outer();
        for (int at = 0; at < global.length; at++) {
            int fragment = fragment(at);
            if (!fragments.contains(fragment)) {
                continue;
            }
            double sum = 0;
            double weight = 0;
            for (int worker = 0; worker < now.length; worker++) {
                sent[worker][at] = now[worker][at];
                sum += targets[worker][fragment] * now[worker][at];
                weight += targets[worker][fragment];
            }
            double delta = global[at] - (float) (sum / weight);
            momentum[at] = (float) (outer.momentum() * momentum[at] + delta);
            global[at] = outer.keepsMomentum()
                    ? (float) (global[at] - outer.learningRate() * (delta + outer.momentum() * momentum[at]))
                    : (float) (sum / weight);
        }
        for (long[] ofWorker : targets) {
            fragments.forEach(fragment -> ofWorker[fragment] = 0);
        }
        inFlight = new TreeSet<>(fragments);
    }

    /** Each worker moves by what the version is different from what it sent. */
    private void takeWhatIsInFlight() {
        for (int worker = 0; worker < replicas.size(); worker++) {
            double[] now = read(worker);
            for (int at = 0; at < now.length; at++) {
                if (inFlight.contains(fragment(at))) {
                    now[at] += global[at] - sent[worker][at];
                }
            }
            write(worker, now);
        }
        inFlight = Set.of();
    }

    private int fragment(int element) {
        return layout.fragmentOf(element / layout.sliceElements());
    }

    private double[] read(int worker) {
        FloatBuffer floats =
                ArrayParticipant.floats(TrainingFixture.parameters(replicas.get(worker), backends.get(worker)));
        double[] values = new double[floats.capacity()];
        Arrays.setAll(values, floats::get);
        return values;
    }

    private void write(int worker, double[] values) {
        byte[] bytes = new byte[values.length * Float.BYTES];
        FloatBuffer floats = ArrayParticipant.floats(bytes);
        for (double value : values) {
            floats.put((float) value);
        }
        backends.get(worker)
                .memory()
                .write(ByteBuffer.wrap(bytes), replicas.get(worker).decoder().parameters(), 0);
    }

    @Override
    public void close() {
        replicas.forEach(Replica::close);
        backends.forEach(Backend::close);
    }
}
