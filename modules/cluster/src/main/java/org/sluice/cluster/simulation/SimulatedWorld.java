package org.sluice.cluster.simulation;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.SplittableRandom;
import org.sluice.cluster.control.Milestone;

/** What outlives a simulated driver: the clock, the executors, the storage. */
final class SimulatedWorld {
    private final ClusterModel model;
    private final SplittableRandom random;
    private final Deque<Fault> coming;
    private final double[] backAt;
    private final double[] stalledUntil;
    private final boolean[] poisoned;
    private final boolean[] notFinite;
    private final int[] deaths;
    private long allDeaths;
    private double now;
    private double storageBackAt;
    private Milestone pending;
    private double pendingDoneAt;
    private Milestone newest = Milestone.START;

    SimulatedWorld(ClusterModel model, FaultSchedule schedule, long seed) {
        this.model = model;
        this.random = new SplittableRandom(seed);
        this.coming = new ArrayDeque<>(schedule.faults());
        this.backAt = new double[model.executors()];
        this.stalledUntil = new double[model.executors()];
        this.poisoned = new boolean[model.executors()];
        this.notFinite = new boolean[model.executors()];
        this.deaths = new int[model.executors()];
    }

    ClusterModel model() {
        return model;
    }

    double now() {
        return now;
    }

    /** When the next fault comes; never if there is none. */
    double nextFault() {
        return coming.isEmpty() ? Double.POSITIVE_INFINITY : coming.peek().at();
    }

    /**
     * Lets time pass, with all that goes wrong in it.
     *
     * @throws SimulatedDriverDeath if the driver dies in it; the clock then stands at the time when it is started again
     */
    void passTo(double time) {
        while (nextFault() <= time) {
            Fault fault = coming.poll();
            now = Math.max(now, fault.at());
            finishCheckpoint();
            strike(fault);
        }
        now = Math.max(now, time);
        finishCheckpoint();
    }

    private void strike(Fault fault) {
        int executor = fault.executor() % model.executors();
        switch (fault.kind()) {
            case EXECUTOR -> {
                backAt[executor] = Math.max(backAt[executor], now + fault.seconds());
                stalledUntil[executor] = 0;
                deaths[executor]++;
                allDeaths++;
            }
            case STALL -> stalledUntil[executor] = Math.max(stalledUntil[executor], now + fault.seconds());
            case NOT_FINITE -> notFinite[executor] = true;
            case POISON -> poisoned[executor] = true;
            case STORAGE -> {
                storageBackAt = Math.max(storageBackAt, now + fault.seconds());
                pending = null;
            }
            case DRIVER -> {
                pending = null;
                now += fault.seconds();
                Arrays.fill(stalledUntil, 0);
                for (int at = 0; at < deaths.length; at++) {
                    deaths[at]++;
                }
                allDeaths++;
                throw new SimulatedDriverDeath();
            }
        }
    }

    boolean isAlive(int executor) {
        return backAt[executor] <= now;
    }

    boolean isStalled(int executor) {
        return stalledUntil[executor] > now;
    }

    /** When an executor is there again, or goes on. */
    double readyAt(int executor) {
        return Math.max(backAt[executor], stalledUntil[executor]);
    }

    double stalledUntil(int executor) {
        return stalledUntil[executor];
    }

    /** How often an executor has died: what an earlier one held is gone. */
    int deaths(int executor) {
        return deaths[executor];
    }

    /** Changes whenever any executor dies. */
    long allDeaths() {
        return allDeaths;
    }

    /** Whether the numbers of the worker there are to become NaN; told once. */
    boolean takeNotFinite(int executor) {
        boolean taken = notFinite[executor];
        notFinite[executor] = false;
        return taken;
    }

    /** Whether what the worker there sends next is poisoned; told once. */
    boolean takePoison(int executor) {
        boolean taken = poisoned[executor];
        poisoned[executor] = false;
        return taken;
    }

    /** The time of some steps of one worker. */
    double training(int steps) {
        double seconds = steps * model.stepSeconds();
        return model.jitter() == 0 ? seconds : seconds * Math.exp(model.jitter() * gaussian());
    }

    /** The sum of four uniform numbers, scaled to a variance of 1: near enough to a normal one, and quick. */
    private double gaussian() {
        double sum = random.nextDouble() + random.nextDouble() + random.nextDouble() + random.nextDouble();
        return (sum - 2) * 1.7320508075688772;
    }

    /** Begins a checkpoint, after the one before is whole. */
    void beginCheckpoint(Milestone milestone) {
        awaitCheckpoint();
        if (storageBackAt <= now) {
            pending = milestone;
            pendingDoneAt = now + model.checkpointSeconds();
        }
    }

    void awaitCheckpoint() {
        if (pending != null) {
            passTo(pendingDoneAt);
        }
    }

    /** Waits until checkpoints can be written. */
    void awaitStorage() {
        passTo(storageBackAt);
    }

    void abandonCheckpoint() {
        pending = null;
    }

    private void finishCheckpoint() {
        if (pending != null && pendingDoneAt <= now) {
            newest = pending;
            pending = null;
        }
    }

    /** The newest whole checkpoint. */
    Milestone newest() {
        return newest;
    }
}
