package org.sluice.cluster.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/** One round: whose work counts in the end, and whose blocks go back. */
final class Round<R> {
    private final RoundPlan plan;
    private final RoundPolicy policy;
    private final Fleet<R> fleet;
    private final RunShape shape;
    private final int needed;
    private final Set<Integer> waiting = new TreeSet<>();
    private final Map<Integer, R> trained = new TreeMap<>();
    private final Map<Integer, Dropped> dropped = new TreeMap<>();
    private RuntimeException divergence;

    /** Why a worker's blocks are dealt again, and whether its change was refused. */
    private record Dropped(String reason, boolean refused) {}

    Round(RoundPlan plan, RoundPolicy policy, Fleet<R> fleet, RunShape shape) {
        this.plan = plan;
        this.policy = policy;
        this.fleet = fleet;
        this.shape = shape;
        plan.deal().crew().stream().filter(plan.deal()::deals).forEach(waiting::add);
        this.needed = policy.needed(waiting.size());
    }

    /** The reports of the workers whose work counts, in the order of the workers. */
    List<R> reports() {
        return List.copyOf(trained.values());
    }

    /** Those whose work does not count, each with the reason. */
    Map<Integer, String> uncounted() {
        return ofDropped(Dropped::reason);
    }

    /** Those whose blocks are dealt again, each with whether its change was refused. */
    Map<Integer, Boolean> returned() {
        return ofDropped(Dropped::refused);
    }

    private <T> Map<Integer, T> ofDropped(Function<Dropped, T> what) {
        Map<Integer, T> all = new TreeMap<>();
        dropped.forEach((worker, why) -> all.put(worker, what.apply(why)));
        return all;
    }

    /** The last failure of a worker whose numbers were not finite. */
    Optional<RuntimeException> divergence() {
        return Optional.ofNullable(divergence);
    }

    /** Lets the workers begin. */
    void train() {
        fleet.train(plan);
    }

    /**
     * Waits for the workers.
     *
     * @param begin when the round began
     * @throws FleetException if it cannot be done with those that are left
     */
    void collect(double begin) {
        double patience = policy.deadlineSeconds() > 0 ? policy.deadlineSeconds() : Double.POSITIVE_INFINITY;
        double deadline = begin + patience;
        while (!waiting.isEmpty()) {
            Optional<Outcome<R>> outcome = fleet.await(deadline);
            if (outcome.isPresent()) {
                take(outcome.get());
                requirePossibleQuorum();
            } else if (trained.size() >= needed) {
                break;
            } else {
                // Whoever stands still may hold up the others.
                fleet.replaceSilent(Set.copyOf(waiting));
                deadline = fleet.seconds() + patience;
            }
        }
        if (!waiting.isEmpty()) {
            fleet.abandon(Set.copyOf(waiting));
            List.copyOf(waiting)
                    .forEach(worker -> drop(
                            worker,
                            false,
                            "it was not done " + (long) policy.deadlineSeconds() + " s after the round began"));
        }
    }

    /**
     * Makes the next version of what the workers whose work counts have done, and publishes it.
     *
     * @throws FleetException if it cannot be done with those that are left
     */
    void exchange(Portion portion) {
        merge(portion);
        fleet.publish(plan, portion);
    }

    private void requirePossibleQuorum() {
        if (trained.size() + waiting.size() < needed) {
            requireQuorum();
        }
    }

    private void take(Outcome<R> outcome) {
        int worker = outcome.worker();
        waiting.remove(worker);
        if (outcome instanceof Outcome.Trained<R> done) {
            trained.put(worker, done.report());
        } else if (outcome instanceof Outcome.Diverged<R> diverged) {
            divergence = diverged.failure();
            drop(worker, true, diverged.failure().getMessage());
        } else if (outcome instanceof Outcome.Lost<R> lost) {
            if (!shape.isElastic()) {
                throw new FleetException(lost.cause(), null);
            }
            drop(worker, false, lost.cause());
        }
    }

    /** Averages, and again without those whose change is refused or who are gone, until none is. */
    private void merge(Portion portion) {
        while (true) {
            requireQuorum();
            Map<Integer, Double> norms;
            try {
                norms = fleet.merge(plan, reports(), portion);
            } catch (FleetException failure) {
                dropGone(failure);
                continue;
            }
            Map<Integer, String> refused = DeltaCheck.refused(norms, policy.refuseAbove());
            if (refused.isEmpty()) {
                return;
            }
            refused.forEach((worker, reason) -> drop(worker, true, reason));
        }
    }

    private void dropGone(FleetException failure) {
        List<Integer> gone = new ArrayList<>(fleet.gone());
        gone.retainAll(trained.keySet());
        if (!shape.isElastic() || gone.isEmpty()) {
            throw failure;
        }
        gone.forEach(worker -> drop(worker, false, failure.getMessage()));
    }

    /** What a worker has that is in no version yet would be lost with it: then all go back. */
    private void drop(int worker, boolean refused, String reason) {
        if (shape.isStreamed()) {
            throw new FleetException(
                    "worker " + worker + " cannot be counted in round " + plan.nextVersion() + ": " + reason
                            + " (its blocks: " + plan.deal().all(worker) + ")",
                    divergence);
        }
        waiting.remove(worker);
        trained.remove(worker);
        dropped.put(worker, new Dropped(reason, refused));
    }

    /** Where refusals alone miss the quorum training stops, as they would again; where losses have a part in it, it goes back. */
    private void requireQuorum() {
        if (trained.size() >= needed) {
            return;
        }
        long refused = dropped.values().stream().filter(Dropped::refused).count();
        boolean missedByRefusals = trained.size() + waiting.size() + dropped.size() - refused < needed;
        if (missedByRefusals && divergence != null) {
            throw divergence;
        }
        String reasons = uncounted().entrySet().stream()
                .map(entry -> "worker " + entry.getKey() + ": " + entry.getValue())
                .reduce((one, other) -> one + "; " + other)
                .orElse("");
        String message =
                "only " + trained.size() + " of " + plan.deal().crew().size() + " workers can be counted in round "
                        + plan.nextVersion() + ", and " + needed + " are needed: " + reasons;
        if (missedByRefusals) {
            throw new TrainingStoppedException(
                    "stopped: " + message + ". Lower training.learningRate, or look at the blocks of these workers",
                    null);
        }
        throw new FleetException(message, null);
    }
}
