package org.sluice.cluster;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.sluice.cluster.control.FleetException;
import org.sluice.cluster.preflight.Verdict;

/**
 * Gives workers places in executors that were looked at. Before the first round one that is not ready stops the training, as nothing is lost by it;
 * of executors that join later it is left out, and looked at again in the next round, as it may have been mended.
 */
final class Muster {
    private final WorkerPlaces places;
    private final Candidates candidates;
    private final Function<List<WorkerPlacement>, Verdict> preflight;
    private final Consumer<String> warned;
    private final Set<String> ready = new HashSet<>();

    /** Where executors come from: {@link ExecutorRoster#await}. */
    @FunctionalInterface
    interface Candidates {
        /** @throws IllegalStateException if there are none */
        List<WorkerPlaces.Executor> await(int workers, Set<String> excluded);
    }

    /**
     * @param places that are filled
     * @param preflight looks at the executors of some places
     * @param warned is told what is not as it should be
     */
    Muster(
            WorkerPlaces places,
            Candidates candidates,
            Function<List<WorkerPlacement>, Verdict> preflight,
            Consumer<String> warned) {
        this.places = places;
        this.candidates = candidates;
        this.preflight = preflight;
        this.warned = warned;
    }

    /**
     * Fills the places.
     *
     * @param gone workers whose executor is lost
     * @param stuck executors that cannot be used
     * @throws FleetException if there is no executor, or one is lost while it is looked at and no other worker is at work
     * @throws org.sluice.cluster.preflight.PreflightException if one is not ready before the first round
     */
    void fill(int least, int most, Set<Integer> gone, Set<String> stuck) {
        Set<String> excluded = new HashSet<>(stuck);
        List<String> unfit = new ArrayList<>();
        int wanted = wanted(least, most, gone);
        while (true) {
            try {
                places.fill(candidates.await(wanted, excluded), least, most);
            } catch (IllegalStateException nowhere) {
                unfit.add(0, nowhere.getMessage());
                throw new FleetException(String.join("; ", unfit), nowhere);
            }
            List<WorkerPlacement> strangers = places.all().stream()
                    .filter(place -> !ready.contains(place.executor()))
                    .toList();
            if (strangers.isEmpty()) {
                return;
            }
            Set<String> executors = WatchedJobs.executors(strangers);
            try {
                excluded.addAll(unfit(strangers, unfit));
            } catch (FleetException lost) {
                // Those that are at work need not go back for one that has just come and gone.
                if (strangers.size() == places.all().size()) {
                    throw lost;
                }
                warned.accept("not ready: " + lost.getMessage());
                excluded.addAll(executors);
            }
            executors.stream().filter(executor -> !excluded.contains(executor)).forEach(ready::add);
        }
    }

    /**
     * Looks at executors.
     *
     * @param reasons what of them is not ready is added to
     * @return those that are not
     */
    private Set<String> unfit(List<WorkerPlacement> strangers, List<String> reasons) {
        Verdict verdict = preflight.apply(strangers);
        verdict.warnings().forEach(warned);
        if (ready.isEmpty()) {
            verdict.requireReady();
        }
        verdict.failures().forEach(failure -> {
            warned.accept("not ready: " + failure);
            reasons.add(failure);
        });
        return verdict.unfitExecutors();
    }

    /** As many as possible at the beginning; later those that are there will do, as long as they are enough. */
    private int wanted(int least, int most, Set<Integer> gone) {
        if (places.all().isEmpty()) {
            return most;
        }
        return places.all().size() - gone.size() >= least || gone.isEmpty() ? 1 : least;
    }
}
