package org.sluice.cluster;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.sluice.cluster.SteppedTraining.TrainingSize;

/** A training in lockstep, between some of whose events a random fault happens. */
final class FaultyTraining implements AutoCloseable {
    static final int HOSTS = 3;
    static final TrainingSize SIZE = new TrainingSize(HOSTS, 1, 20);

    /** How many faults happen. */
    static final int FAULTS = 3;

    /** Faults happen at some of the first events: ten rounds and four checkpoints are the fewest that there are. */
    private static final int EVENTS = 9;

    private static final int LONGEST_STOP_MILLIS = 3000;

    /** What may happen between two events. */
    enum Fault {
        KILL_HOST,
        ADD_HOST,
        KILL_DRIVER,
        STOP_EXECUTOR
    }

    private final Path folder;
    private final StandaloneCluster cluster;
    private final SplittableRandom random;
    private final List<String> told;
    private int drivers;
    private SteppedTraining training;

    /**
     * Starts it on as many hosts as it has workers.
     *
     * @param told takes what happens
     */
    FaultyTraining(Path folder, StandaloneCluster cluster, SplittableRandom random, List<String> told)
            throws IOException {
        this.folder = folder;
        this.cluster = cluster;
        this.random = random;
        this.told = told;
        while (cluster.living().size() < HOSTS) {
            cluster.addWorker();
        }
        this.training = startDriver(false);
    }

    static Path log(Path folder, int driver) {
        return folder.resolve("driver-" + driver + ".log");
    }

    private SteppedTraining startDriver(boolean resume) throws IOException {
        return new SteppedTraining(
                log(folder, drivers++), cluster, cluster.living().size(), folder.resolve("run"), SIZE, resume);
    }

    /** Trains to the end; returns the last event, or null if a driver ended without one. */
    String run() throws IOException, InterruptedException {
        Set<Integer> times = new TreeSet<>();
        while (times.size() < FAULTS) {
            times.add(random.nextInt(EVENTS));
        }
        String event = training.event();
        for (int number = 0; event != null && !event.startsWith("end"); number++) {
            if (times.contains(number)) {
                happen(event);
            } else {
                training.goOn();
            }
            event = training.event();
        }
        return event;
    }

    private void happen(String event) throws IOException, InterruptedException {
        List<Fault> possible = List.copyOf(possible());
        Fault fault = possible.get(random.nextInt(possible.size()));
        told.add(fault + " at '" + event + "'");
        switch (fault) {
            case KILL_HOST -> {
                cluster.killWorker(anyHost());
                training.goOn();
            }
            case ADD_HOST -> {
                cluster.addWorker();
                training.goOn();
            }
            case KILL_DRIVER -> {
                training.kill();
                training = startDriver(true);
            }
            case STOP_EXECUTOR -> {
                stopForAWhile(cluster.executors(anyHost()));
                training.goOn();
            }
        }
    }

    /** The last host is not killed, and there are never more than in the beginning. */
    private Set<Fault> possible() {
        Set<Fault> possible = EnumSet.allOf(Fault.class);
        if (cluster.living().size() == 1) {
            possible.remove(Fault.KILL_HOST);
        }
        if (cluster.living().size() == HOSTS) {
            possible.remove(Fault.ADD_HOST);
        }
        return possible;
    }

    private int anyHost() {
        List<Integer> living = cluster.living();
        return living.get(random.nextInt(living.size()));
    }

    private void stopForAWhile(List<ProcessHandle> executors) {
        List<Long> stopped = new ArrayList<>();
        for (ProcessHandle executor : executors) {
            TestProcess.signal("STOP", executor.pid());
            stopped.add(executor.pid());
        }
        CompletableFuture.delayedExecutor(random.nextInt(LONGEST_STOP_MILLIS), TimeUnit.MILLISECONDS)
                .execute(() -> stopped.forEach(process -> TestProcess.signal("CONT", process)));
    }

    @Override
    public void close() {
        training.close();
    }
}
