package org.sluice.cluster.simulation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.sluice.cluster.control.Fleet;
import org.sluice.cluster.control.FleetException;
import org.sluice.cluster.control.Milestone;
import org.sluice.cluster.control.Outcome;
import org.sluice.cluster.control.Portion;
import org.sluice.cluster.control.RoundPlan;

/**
 * Workers whose training is replaced by the time that it takes. A worker's report is its number.
 *
 * <p>Each executor holds its part of the parameters' version, and the part of its neighbour as a copy; a version whose two holders of a part
 * die between two rounds is lost.
 */
final class SimulatedFleet implements Fleet<Integer> {
    private final SimulatedWorld world;
    private final int fragments;
    private final Map<Integer, Integer> executorOf = new TreeMap<>();
    private final Map<Integer, Integer> deathsAt = new HashMap<>();
    private final Deque<Arrival> arrivals = new ArrayDeque<>();
    private final Set<Integer> stuck = new HashSet<>();
    private Map<Integer, Integer> holders = Map.of();
    private long deathsSeen;
    private long deathsWhenHeld;

    /** When a worker is done, if nothing happens to it. */
    private record Arrival(int worker, double at) {}

    /** @param fragments the parts that the parameters are exchanged in */
    SimulatedFleet(SimulatedWorld world, int fragments) {
        this.world = world;
        this.fragments = fragments;
    }

    @Override
    public double seconds() {
        return world.now();
    }

    @Override
    public List<Integer> muster(int least, int atMost) {
        executorOf.entrySet().removeIf(entry -> !usable(entry.getValue()) || isOther(entry.getKey()));
        stuck.removeIf(executor -> !world.isStalled(executor));
        Deque<Integer> free = free();
        while (executorOf.size() + free.size() < least) {
            world.passTo(nextReady());
            free = free();
        }
        for (int worker = 0; executorOf.size() < atMost && !free.isEmpty(); worker++) {
            if (!executorOf.containsKey(worker)) {
                int executor = free.poll();
                executorOf.put(worker, executor);
                deathsAt.put(worker, world.deaths(executor));
            }
        }
        return List.copyOf(executorOf.keySet());
    }

    private boolean usable(int executor) {
        return world.isAlive(executor) && !(stuck.contains(executor) && world.isStalled(executor));
    }

    /** Whether the worker's executor has died since, and another one is in its place. */
    private boolean isOther(int worker) {
        return world.deaths(executorOf.get(worker)) != deathsAt.get(worker);
    }

    private Deque<Integer> free() {
        Set<Integer> taken = Set.copyOf(executorOf.values());
        Deque<Integer> free = new ArrayDeque<>();
        for (int executor = 0; executor < world.model().executors(); executor++) {
            if (usable(executor) && !taken.contains(executor)) {
                free.add(executor);
            }
        }
        return free;
    }

    private double nextReady() {
        double next = Double.POSITIVE_INFINITY;
        for (int executor = 0; executor < world.model().executors(); executor++) {
            if (!usable(executor)) {
                next = Math.min(next, world.readyAt(executor));
            }
        }
        if (next == Double.POSITIVE_INFINITY) {
            throw new FleetException("the simulated cluster has too few executors", null);
        }
        return next;
    }

    @Override
    public Set<Integer> load(Milestone from, List<Integer> crew) {
        world.passTo(world.now() + world.model().loadSeconds());
        holdVersion();
        return Set.copyOf(crew);
    }

    private void holdVersion() {
        Map<Integer, Integer> now = new HashMap<>();
        executorOf.values().forEach(executor -> now.put(executor, world.deaths(executor)));
        holders = now;
        deathsWhenHeld = world.allDeaths();
    }

    /** A part is lost when its holder and the next holder after it, who has the copy, are both gone. */
    private void requireVersion() {
        if (world.allDeaths() == deathsWhenHeld) {
            return;
        }
        List<Integer> executors = new ArrayList<>(new TreeSet<>(holders.keySet()));
        for (int at = 0; at < executors.size(); at++) {
            int copy = executors.get((at + 1) % executors.size());
            if (isGone(executors.get(at)) && isGone(copy)) {
                throw new FleetException(
                        "a part of the parameters was lost with the executors " + executors.get(at) + " and " + copy,
                        null);
            }
        }
    }

    private boolean isGone(int executor) {
        return world.deaths(executor) != holders.get(executor);
    }

    @Override
    public void train(RoundPlan plan) {
        requireVersion();
        arrivals.clear();
        plan.deal().crew().stream()
                .filter(plan.deal()::deals)
                .map(worker -> new Arrival(
                        worker,
                        Math.max(world.now(), world.stalledUntil(executorOf.get(worker)))
                                + world.training(plan.deal().steps())))
                .sorted(Comparator.comparingDouble(Arrival::at))
                .forEach(arrivals::add);
    }

    @Override
    public Optional<Outcome<Integer>> await(double until) {
        while (true) {
            Optional<Outcome<Integer>> lost = lost();
            if (lost.isPresent()) {
                return lost;
            }
            Arrival next = arrivals.peek();
            double nextAt = next == null ? Double.POSITIVE_INFINITY : next.at();
            double stop = Math.min(until, nextAt);
            if (stop == Double.POSITIVE_INFINITY) {
                throw new IllegalStateException("nothing is left to wait for");
            }
            if (world.nextFault() <= stop) {
                world.passTo(world.nextFault());
                delayStalled();
            } else if (until < nextAt) {
                world.passTo(until);
                return Optional.empty();
            } else {
                world.passTo(nextAt);
                return Optional.of(arrival(arrivals.poll().worker()));
            }
        }
    }

    private Outcome<Integer> arrival(int worker) {
        return world.takeNotFinite(executorOf.get(worker))
                ? new Outcome.Diverged<>(worker, new IllegalStateException("the loss of worker " + worker + " is NaN"))
                : new Outcome.Trained<>(worker, worker);
    }

    private Optional<Outcome<Integer>> lost() {
        if (world.allDeaths() == deathsSeen) {
            return Optional.empty();
        }
        for (Arrival arrival : arrivals) {
            if (isOther(arrival.worker())) {
                arrivals.remove(arrival);
                return Optional.of(new Outcome.Lost<>(
                        arrival.worker(), "executor " + executorOf.get(arrival.worker()) + " was lost"));
            }
        }
        deathsSeen = world.allDeaths();
        return Optional.empty();
    }

    /** Whoever stands still is later by as long. */
    private void delayStalled() {
        List<Arrival> delayed = new ArrayList<>();
        for (Arrival arrival : arrivals) {
            double until = world.stalledUntil(executorOf.get(arrival.worker()));
            delayed.add(
                    until > world.now() && arrival.at() < until + world.model().stepSeconds()
                            ? new Arrival(arrival.worker(), arrival.at() + until - world.now())
                            : arrival);
        }
        delayed.sort(Comparator.comparingDouble(Arrival::at));
        arrivals.clear();
        arrivals.addAll(delayed);
    }

    /** A worker of the simulation that stands still holds up nobody else. */
    @Override
    public void replaceSilent(Set<Integer> workers) {}

    @Override
    public void abandon(Set<Integer> workers) {
        workers.forEach(worker -> stuck.add(executorOf.get(worker)));
        arrivals.clear();
    }

    @Override
    public Map<Integer, Double> merge(RoundPlan plan, List<Integer> reports, Portion portion) {
        double share = (double) portion.fragments().size() / fragments;
        world.passTo(world.now() + world.model().exchangeSeconds() * share);
        if (portion.overlapped()) {
            delayStalled();
        }
        if (reports.stream().anyMatch(this::isOther)) {
            throw new FleetException("an executor was lost in the exchange", null);
        }
        requireVersion();
        Map<Integer, Double> norms = new TreeMap<>();
        reports.forEach(worker -> norms.put(worker, world.takePoison(executorOf.get(worker)) ? 1000.0 : 1.0));
        return norms;
    }

    @Override
    public void publish(RoundPlan plan, Portion portion) {
        holdVersion();
    }

    @Override
    public Set<Integer> gone() {
        Set<Integer> gone = new TreeSet<>();
        executorOf.keySet().stream().filter(this::isOther).forEach(gone::add);
        return gone;
    }

    @Override
    public void checkpoint(Milestone milestone, Set<Integer> holders, boolean last) {
        if (!milestone.equals(world.newest())) {
            world.beginCheckpoint(milestone);
        }
        while (last && !milestone.equals(world.newest())) {
            world.awaitCheckpoint();
            if (!milestone.equals(world.newest())) {
                world.awaitStorage();
                world.beginCheckpoint(milestone);
            }
        }
    }

    @Override
    public Milestone newest() {
        world.abandonCheckpoint();
        return world.newest();
    }

    @Override
    public void dismiss() {
        arrivals.clear();
    }
}
