package org.sluice.experiments.planning;

import java.util.List;
import org.sluice.cluster.control.RoundPolicy;
import org.sluice.cluster.control.RunShape;
import org.sluice.cluster.control.TrainingStoppedException;
import org.sluice.cluster.simulation.ClusterModel;
import org.sluice.cluster.simulation.Fault;
import org.sluice.cluster.simulation.FaultSchedule;
import org.sluice.cluster.simulation.Simulation;

/**
 * How a whole training goes, with executors that die now and then: played through with the driver's own code by {@link Simulation}.
 *
 * <p>Where a loss sends all workers back to a checkpoint, it does not matter which of them is lost: then a crew of {@value #SMALL_CREW} is played, on
 * which as many faults fall as on the whole one. If these are few, more are
 * played and what each loses counts for less, as long as they lie so far apart that one is over before the next. Where training goes on without the lost worker the whole crew is played, for as many rounds as
 * take a second or two. A training of more rounds goes on as these went.
 *
 * @param rounds of the training
 * @param playedRounds how many of them were played through
 * @param slowest how much longer than the mean the slowest worker of a round takes
 * @param secondsBetweenFaults of the whole cluster; infinite for none
 * @param undisturbedSeconds of the whole training without faults
 * @param usefulShare the time without faults over that with faults; 0 if the training would not get to its end
 */
public record Course(
        long rounds,
        long playedRounds,
        double slowest,
        double secondsBetweenFaults,
        double undisturbedSeconds,
        double usefulShare) {
    /** The standard deviation of the logarithm of a worker's time in a round. */
    static final double JITTER = 0.01;

    private static final long SEED = 1;
    private static final int SMALL_CREW = 16;
    private static final long MOST_ROUNDS = 20_000;
    private static final long MOST_TURNS = 600_000;
    private static final long ROUNDS_OF_A_SAMPLE = 20;
    private static final int RECOVERIES = 10;

    /** So many faults are played, if they need not be closer than {@link #APART} times what one loses. */
    private static final double FAULTS = 40;

    private static final double APART = 20;

    /** A training that takes so many times as long as without faults is taken not to get to its end. */
    private static final int LONGEST = 5;

    static Course of(
            RunShape whole,
            ClusterDescription cluster,
            double stepSeconds,
            ExchangeTime exchange,
            CheckpointTime checkpoint) {
        double slowest = slowest(whole);
        int crew = whole.isElastic() ? whole.workers() : Math.min(whole.workers(), SMALL_CREW);
        long rounds = (whole.steps() + whole.localSteps() - 1) / whole.localSteps();
        long played = Math.min(rounds, Math.min(MOST_ROUNDS, Math.max(1, MOST_TURNS / crew)));
        RunShape shape = new RunShape(
                played == rounds ? whole.steps() : played * whole.localSteps(),
                crew,
                whole.localSteps(),
                crew,
                whole.isElastic() ? whole.minWorkers() : crew,
                whole.checkpointRounds(),
                RECOVERIES,
                whole.fragments(),
                whole.overlap());
        ClusterModel model = new ClusterModel(
                crew + cluster.spares(),
                stepSeconds * slowest,
                0,
                exchange.secondsOfRound() * exchange.fragments(),
                checkpoint.loadSeconds(),
                checkpoint.seconds());
        RoundPolicy policy = new RoundPolicy(0, (double) shape.minWorkers() / crew, 0);
        double undisturbed =
                Simulation.run(shape, policy, model, FaultSchedule.NONE, SEED).seconds();
        double longer = (double) rounds / played;
        if (cluster.faultHours() == 0) {
            return new Course(rounds, played, slowest, Double.POSITIVE_INFINITY, undisturbed * longer, 1);
        }
        double onTheCrew = cluster.faultHours() * 3600 / whole.workers() * crew / (crew + cluster.spares());
        double repair = cluster.repairMinutes() * 60;
        double lostByOne = whole.checkpointRounds() * undisturbed / played
                + checkpoint.seconds()
                + checkpoint.loadSeconds()
                + repair;
        double more = Math.max(1, Math.min(FAULTS / (undisturbed / onTheCrew), onTheCrew / (APART * lostByOne)));
        FaultSchedule faults = FaultSchedule.random(
                SEED,
                List.of(Fault.Kind.EXECUTOR),
                crew + cluster.spares(),
                onTheCrew / more,
                repair,
                LONGEST * undisturbed);
        double lost = lostShare(shape, policy, model, faults, undisturbed) / more;
        return new Course(
                rounds,
                played,
                slowest,
                cluster.faultHours() * 3600 / (whole.workers() + cluster.spares()),
                undisturbed * longer,
                1 / (1 + lost));
    }

    /** What faults add to the time without them, as a share of that; infinite if the training does not get to its end. */
    private static double lostShare(
            RunShape shape, RoundPolicy policy, ClusterModel model, FaultSchedule faults, double undisturbed) {
        try {
            double seconds = Simulation.run(shape, policy, model, faults, SEED).seconds();
            return seconds > LONGEST * undisturbed ? Double.POSITIVE_INFINITY : seconds / undisturbed - 1;
        } catch (TrainingStoppedException gaveUp) {
            return Double.POSITIVE_INFINITY;
        }
    }

    /** From some rounds of the whole crew, which last as long as the slowest worker takes. */
    private static double slowest(RunShape whole) {
        RunShape sample = new RunShape(
                ROUNDS_OF_A_SAMPLE,
                whole.workers(),
                1,
                whole.workers(),
                whole.workers(),
                (int) ROUNDS_OF_A_SAMPLE,
                RECOVERIES,
                1,
                false);
        ClusterModel model = new ClusterModel(whole.workers(), 1, JITTER, 0, 0, 0);
        return Simulation.run(sample, RoundPolicy.STRICT, model, FaultSchedule.NONE, SEED)
                        .seconds()
                / ROUNDS_OF_A_SAMPLE;
    }

    /** Whether it gets to its end. */
    public boolean ends() {
        return usefulShare > 0;
    }

    /** Of the whole training with its faults; infinite if it does not get to its end. */
    public double seconds() {
        return undisturbedSeconds / usefulShare;
    }
}
