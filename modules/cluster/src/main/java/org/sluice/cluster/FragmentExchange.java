package org.sluice.cluster;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.sluice.model.ExpertCounts;

/**
 * What a worker takes and sends of each fragment of the parameters, and with which weight: what it has trained on since it last sent the
 * fragment.
 *
 * <p>Where the exchange overlaps with training, what is sent of a round is set aside before the next one trains, and what comes of it is
 * fetched meanwhile and taken when that round is over. It has a lock of its own for that, which training does not hold.
 */
final class FragmentExchange {
    private static final long NONE = -1;

    private final int worker;
    private final SliceLayout layout;
    private final ParameterExchange parameters;
    private final ExpertRuns experts;
    private final int tensors;
    private final long[] taken;
    private final Weight[] weights;
    private final Map<Integer, Fetched> fetched = new HashMap<>();
    private final Set<Integer> ahead = new HashSet<>();
    private Map<Integer, Contribution> outgoing = Map.of();
    private long outgoingVersion = NONE;
    private long trainedVersion = NONE;

    /** The steps, the targets and the rows of each expert that a fragment's change is the result of. */
    private record Weight(int steps, long targets, ExpertCounts rows) {
        private static final Weight NOTHING = new Weight(0, 0, null);

        Weight plus(int more, WorkerReport report) {
            return new Weight(
                    steps + more,
                    targets + report.targets(),
                    rows == null ? report.experts() : rows.plus(report.experts()));
        }

        /**
         * Whether it is one step of the whole batch. Then the mean of the workers' parameters, weighted by targets, is that step, for experts
         * as for all others. After more steps an expert's parameters are what the rows that it saw made of them.
         */
        boolean isOneStep() {
            return steps == 1;
        }
    }

    /** A fragment that waits for the round to be over. */
    private record Fetched(long from, long to, List<GlobalSlice> slices) {}

    /**
     * @param experts where the experts' parameters are, and weighted by their rows; null if all parameters are weighted by targets
     * @param tensors how many values travel for a parameter: it, and the averaged state of the optimizer
     */
    FragmentExchange(int worker, SliceLayout layout, ParameterExchange parameters, ExpertRuns experts, int tensors) {
        this.worker = worker;
        this.layout = layout;
        this.parameters = parameters;
        this.experts = experts;
        this.tensors = tensors;
        this.taken = new long[layout.fragments()];
        this.weights = new Weight[layout.fragments()];
        Arrays.fill(taken, NONE);
        Arrays.fill(weights, Weight.NOTHING);
    }

    /** Whether all fragments are of a version. */
    synchronized boolean has(long version) {
        return Arrays.stream(taken).allMatch(of -> of == version);
    }

    /** Takes those fragments that are not of their version yet. */
    synchronized void take(List<IncomingFragment> global) {
        for (IncomingFragment incoming : global) {
            if (taken[incoming.fragment()] != incoming.to()) {
                take(incoming);
            }
        }
    }

    private void take(IncomingFragment incoming) {
        int fragment = incoming.fragment();
        if (ahead.contains(fragment)) {
            // Parameters may move once only: all must be there before any does.
            fetched.put(fragment, read(incoming));
            takeFetched();
            return;
        }
        trainedVersion = NONE;
        taken[fragment] = NONE;
        incoming.slices(takesUpdate(incoming))
                .forEachRemaining(slice -> parameters.take(slice, incoming.from(), incoming.to()));
        taken[fragment] = incoming.to();
        weights[fragment] = Weight.NOTHING;
    }

    private boolean takesUpdate(IncomingFragment incoming) {
        return parameters.takesUpdate(incoming.fragment(), incoming.from(), incoming.to());
    }

    private Fetched read(IncomingFragment incoming) {
        List<GlobalSlice> slices = new ArrayList<>();
        incoming.slices(takesUpdate(incoming)).forEachRemaining(slices::add);
        return new Fetched(incoming.from(), incoming.to(), slices);
    }

    /** Fetches the fragments that were sent ahead and are not here yet; they are taken when the round is over. */
    void fetch(List<IncomingFragment> global) {
        for (IncomingFragment incoming : global) {
            if (isMissing(incoming)) {
                // Without the lock: what is sent meanwhile does not wait.
                Fetched read = read(incoming);
                keep(incoming.fragment(), read);
            }
        }
    }

    private synchronized boolean isMissing(IncomingFragment incoming) {
        Fetched here = fetched.get(incoming.fragment());
        return taken[incoming.fragment()] != incoming.to() && (here == null || here.to() != incoming.to());
    }

    private synchronized void keep(int fragment, Fetched read) {
        fetched.put(fragment, read);
    }

    private void takeFetched() {
        fetched.forEach((fragment, arrived) -> {
            arrived.slices().forEach(slice -> parameters.take(slice, arrived.from(), arrived.to()));
            taken[fragment] = arrived.to();
            ahead.remove(fragment);
        });
        fetched.clear();
    }

    /** Local steps begin: what was trained before is sent no more, but for what was set aside. */
    synchronized void begin() {
        trainedVersion = NONE;
    }

    /** Local steps have failed: what they left of the parameters is to be replaced. */
    synchronized void tear() {
        Arrays.fill(taken, NONE);
    }

    /** Local steps are done. */
    synchronized void trained(RoundOrder order, WorkerReport report) {
        for (int fragment = 0; fragment < weights.length; fragment++) {
            weights[fragment] = weights[fragment].plus(order.localSteps(), report);
        }
        trainedVersion = order.nextVersion();
    }

    /**
     * Sets aside what is sent of a round, before the next one trains: first takes what was fetched in it.
     *
     * @throws WorkerStateException if the worker has gone on since
     */
    synchronized void setAside(Sending sending) {
        if (outgoingVersion == sending.version()) {
            return;
        }
        requireTrained(sending.version());
        takeFetched();
        Map<Integer, Contribution> next = new HashMap<>();
        for (int fragment : sending.fragments()) {
            layout.slicesOf(fragment)
                    .forEach(slice -> next.put(slice, contribution(slice, parameters.sendAhead(slice))));
            weights[fragment] = Weight.NOTHING;
            ahead.add(fragment);
        }
        outgoing = next;
        outgoingVersion = sending.version();
    }

    /**
     * What it sends of a slice after a round; the same whenever it is asked.
     *
     * @throws WorkerStateException if the worker has gone on since
     */
    synchronized Contribution contribution(RoundOrder order, int slice) {
        if (order.sending() != null) {
            setAside(order.sending());
            return outgoing.get(slice);
        }
        requireTrained(order.nextVersion());
        takeFetched();
        return contribution(slice, parameters.contribution(slice));
    }

    private Contribution contribution(int slice, byte[] values) {
        Weight weight = weights[layout.fragmentOf(slice)];
        List<ExpertRun> runs = experts == null || weight.isOneStep()
                ? List.of()
                : ExpertRuns.repeated(experts.of(slice, weight.rows()), layout.length(slice), tensors);
        return new Contribution(slice, List.of(worker), weight.targets(), runs, values);
    }

    private void requireTrained(long nextVersion) {
        if (trainedVersion != nextVersion) {
            throw new WorkerStateException(
                    "worker " + worker + " has gone on since the round that made version " + nextVersion, null);
        }
    }
}
