package org.sluice.cluster;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Who lives where, from round to round: a worker stays in its executor as long as that lives, as its optimizer's state is there; a place that
 * comes free or is new is given to a worker that has none.
 */
final class WorkerPlaces {
    private final Map<Integer, WorkerPlacement> placements = new TreeMap<>();

    /** An executor that workers can live in. */
    record Executor(String id, String host, int slots) {}

    /** The workers that have a place, in the order of their numbers. */
    List<WorkerPlacement> all() {
        return List.copyOf(placements.values());
    }

    /** The places of some workers, in the order of their numbers. */
    List<WorkerPlacement> of(Collection<Integer> workers) {
        return placements.values().stream()
                .filter(placement -> workers.contains(placement.worker()))
                .toList();
    }

    /** A worker was started elsewhere than planned; it stays where it is. */
    void moved(WorkerPlacement placement) {
        placements.put(placement.worker(), placement);
    }

    void clear() {
        placements.clear();
    }

    /**
     * Gives workers places. As many take part as executors can run at the same time, but at least the least and at most the most; if that is
     * more than they can run, workers of one executor take turns.
     *
     * @param executors those that can be used, at least one
     */
    void fill(List<Executor> executors, int least, int most) {
        placements.values().removeIf(placement -> executors.stream()
                .noneMatch(executor -> executor.id().equals(placement.executor())));
        int slots = executors.stream().mapToInt(Executor::slots).sum();
        int wanted = Math.max(least, Math.min(most, slots));
        if (placements.isEmpty()) {
            spread(executors, wanted);
            return;
        }
        removeBeyond(wanted);
        for (int worker = 0; placements.size() < wanted; worker++) {
            if (!placements.containsKey(worker)) {
                Executor emptiest = emptiest(executors);
                placements.put(worker, new WorkerPlacement(worker, emptiest.id(), emptiest.host()));
            }
        }
    }

    /** Neighbours share an executor where executors are few. */
    private void spread(List<Executor> executors, int workers) {
        for (int worker = 0; worker < workers; worker++) {
            Executor executor =
                    executors.get((int) ((long) worker * executors.size() / Math.max(workers, executors.size())));
            placements.put(worker, new WorkerPlacement(worker, executor.id(), executor.host()));
        }
    }

    /** Workers that would have to take turns leave first, the highest numbers of them. */
    private void removeBeyond(int wanted) {
        List<Integer> numbers = new ArrayList<>(placements.keySet());
        numbers.sort(Comparator.<Integer>comparingInt(worker -> isFirstThere(worker) ? 0 : 1)
                .thenComparingInt(worker -> worker));
        IntStream.range(wanted, numbers.size()).forEach(at -> placements.remove(numbers.get(at)));
    }

    private boolean isFirstThere(int worker) {
        String executor = placements.get(worker).executor();
        return placements.values().stream()
                .filter(placement -> placement.executor().equals(executor))
                .allMatch(placement -> placement.worker() >= worker);
    }

    /** The executor with the most free slots; of several the first. */
    private Executor emptiest(List<Executor> executors) {
        return executors.stream()
                .max(Comparator.<Executor>comparingInt(executor -> executor.slots() - workersIn(executor.id())))
                .orElseThrow();
    }

    private int workersIn(String executor) {
        return (int) placements.values().stream()
                .filter(placement -> placement.executor().equals(executor))
                .count();
    }
}
