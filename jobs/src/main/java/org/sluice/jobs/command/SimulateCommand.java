package org.sluice.jobs.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.sluice.cluster.control.RoundPolicy;
import org.sluice.cluster.control.RunShape;
import org.sluice.cluster.control.TrainingStoppedException;
import org.sluice.cluster.simulation.ClusterModel;
import org.sluice.cluster.simulation.Fault;
import org.sluice.cluster.simulation.FaultSchedule;
import org.sluice.cluster.simulation.Simulation;
import org.sluice.jobs.InputException;
import org.sluice.jobs.OptionValues;
import org.sluice.jobs.console.Console;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Plays a whole training through in seconds, with faults, to choose how often to exchange and to write checkpoints. */
@Command(
        name = "simulate",
        description = {
            "Play a whole training through, with the driver's own code and without computing anything: how long it takes on a cluster"
                    + " whose executors die now and then, and how much of that time is useful. Prints one line of JSON.",
            "The defaults are dense-1.7b-28l for 3.5T tokens on 1,024 workers, at the rate of Llama 3's training: 419 unexpected"
                    + " interruptions in 54 days on 16,384 GPUs (arXiv 2407.21783), here with a worker for 16 of them."
        })
public final class SimulateCommand implements Callable<Integer> {
    /** A training that takes so many times as long as without faults is not told of. */
    private static final int LONGEST = 3;

    private static final int ROUNDS_OF_A_SAMPLE = 100;
    private static final String REMEDY =
            "Write checkpoints more often (--checkpoint-rounds, --local-steps), or use fewer workers";

    private static final int RECOVERIES = 10;
    private static final double SECONDS_PER_HOUR = 3600;
    private static final double SECONDS_PER_DAY = 86_400;

    @Option(names = "--workers", defaultValue = "1024", description = "Workers (default: ${DEFAULT-VALUE}).")
    private int workers;

    @Option(
            names = "--min-workers",
            description =
                    "Training goes on with as few when others are lost; without it a loss sends all back to a checkpoint.")
    private Optional<Integer> minWorkers = Optional.empty();

    @Option(
            names = "--spares",
            defaultValue = "0",
            description = "Executors beyond the workers (default: ${DEFAULT-VALUE}).")
    private int spares;

    @Option(
            names = "--tokens",
            defaultValue = "3.5e12",
            description = "Tokens of the training (default: ${DEFAULT-VALUE}).")
    private double tokens;

    @Option(
            names = "--tokens-per-step",
            defaultValue = "4194304",
            description = "Tokens of a step of all workers together (default: ${DEFAULT-VALUE}).")
    private long tokensPerStep;

    @Option(names = "--local-steps", defaultValue = "50", description = "Steps of a round (default: ${DEFAULT-VALUE}).")
    private int localSteps;

    @Option(
            names = "--checkpoint-rounds",
            defaultValue = "1",
            description = "Rounds from checkpoint to checkpoint (default: ${DEFAULT-VALUE}).")
    private int checkpointRounds;

    @Option(names = "--step-seconds", defaultValue = "4", description = "One step (default: ${DEFAULT-VALUE}).")
    private double stepSeconds;

    @Option(
            names = "--jitter",
            defaultValue = "0.01",
            description =
                    "Standard deviation of the logarithm of a worker's time in a round (default: ${DEFAULT-VALUE}).")
    private double jitter;

    @Option(
            names = "--exchange-seconds",
            defaultValue = "10",
            description = "One exchange of all parameters (default: ${DEFAULT-VALUE}).")
    private double exchangeSeconds;

    @Option(
            names = "--fragments",
            defaultValue = "1",
            description =
                    "Parts of the parameters, one of which is exchanged after each round (default: ${DEFAULT-VALUE}).")
    private int fragments;

    @Option(names = "--overlap", description = "The exchange goes on while the next round trains.")
    private boolean overlap;

    @Option(
            names = "--checkpoint-seconds",
            defaultValue = "60",
            description = "A checkpoint, which is written while training goes on (default: ${DEFAULT-VALUE}).")
    private double checkpointSeconds;

    @Option(
            names = "--load-seconds",
            defaultValue = "60",
            description = "Until all workers have the parameters of a checkpoint (default: ${DEFAULT-VALUE}).")
    private double loadSeconds;

    @Option(
            names = "--hours-between-faults",
            defaultValue = "3.093",
            description = "Mean, of the whole cluster (default: ${DEFAULT-VALUE}, 54 days / 419); 0 for none.")
    private double hoursBetweenFaults;

    @Option(
            names = "--repair-minutes",
            defaultValue = "5",
            description = "Mean, until another executor is in the place of a dead one (default: ${DEFAULT-VALUE}).")
    private double repairMinutes;

    @Option(
            names = "--seed",
            defaultValue = "1",
            description = "Of the faults and of the workers' times (default: ${DEFAULT-VALUE}).")
    private long seed;

    private final Console console;

    public SimulateCommand(Console console) {
        this.console = console;
    }

    /** What is printed. */
    record Result(
            int workers,
            int minWorkers,
            long rounds,
            int localSteps,
            int checkpointRounds,
            int faults,
            long generations,
            double days,
            double undisturbedDays,
            double usefulShare,
            double exchangeShare,
            double simulatedInSeconds) {}

    @Override
    public Integer call() {
        requireInput();
        long begin = System.nanoTime();
        RunShape shape = shape(Math.max(1, Math.round(tokens / tokensPerStep)));
        ClusterModel model = model(exchangeSeconds);
        RoundPolicy policy = new RoundPolicy(0, (double) shape.minWorkers() / workers, 0);
        Simulation.Result undisturbed = Simulation.run(shape, policy, model, FaultSchedule.NONE, seed);
        FaultSchedule faults = faults(undisturbed.seconds());
        Simulation.Result result = run(shape, policy, model, faults, LONGEST * undisturbed.seconds());
        print(new Result(
                workers,
                shape.minWorkers(),
                result.rounds().size(),
                localSteps,
                checkpointRounds,
                (int) faults.faults().stream()
                        .filter(fault -> fault.at() < result.seconds())
                        .count(),
                result.generations(),
                result.seconds() / SECONDS_PER_DAY,
                undisturbed.seconds() / SECONDS_PER_DAY,
                undisturbed.seconds() / result.seconds(),
                exchangeShare(Math.min(shape.steps(), (long) ROUNDS_OF_A_SAMPLE * localSteps), policy),
                (System.nanoTime() - begin) * 1e-9));
        return 0;
    }

    private RunShape shape(long steps) {
        return new RunShape(
                steps,
                workers,
                localSteps,
                workers,
                minWorkers.orElse(workers),
                checkpointRounds,
                RECOVERIES,
                fragments,
                overlap);
    }

    private ClusterModel model(double secondsOfExchange) {
        return new ClusterModel(
                workers + spares, stepSeconds, jitter, secondsOfExchange, loadSeconds, checkpointSeconds);
    }

    /** What training waits for the exchange, without faults: its time less that of the same training whose exchange takes none. */
    private double exchangeShare(long steps, RoundPolicy policy) {
        double with = Simulation.run(shape(steps), policy, model(exchangeSeconds), FaultSchedule.NONE, seed)
                .seconds();
        double without = Simulation.run(shape(steps), policy, model(0), FaultSchedule.NONE, seed)
                .seconds();
        return (with - without) / with;
    }

    /** Enough of them for the longest training that is told of. */
    private FaultSchedule faults(double undisturbedSeconds) {
        return hoursBetweenFaults == 0
                ? FaultSchedule.NONE
                : FaultSchedule.random(
                        seed,
                        List.of(Fault.Kind.EXECUTOR),
                        workers + spares,
                        hoursBetweenFaults * SECONDS_PER_HOUR,
                        repairMinutes * 60,
                        LONGEST * undisturbedSeconds);
    }

    private Simulation.Result run(
            RunShape shape, RoundPolicy policy, ClusterModel model, FaultSchedule faults, double longest) {
        Simulation.Result result;
        try {
            result = Simulation.run(shape, policy, model, faults, seed);
        } catch (TrainingStoppedException stopped) {
            throw new InputException(
                    "with these settings the training does not get to its end: it " + stopped.getMessage() + ". "
                            + REMEDY,
                    stopped);
        }
        if (result.seconds() > longest) {
            throw new InputException("with these settings the training does not get to its end in " + LONGEST
                    + " times the time that it takes without faults. " + REMEDY);
        }
        return result;
    }

    private void print(Result result) {
        try {
            console.result(new JsonMapper().writeValueAsString(result));
        } catch (JsonProcessingException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private void requireInput() {
        OptionValues.requireAtLeast("--workers", workers, 1);
        OptionValues.requirePositive("--tokens", tokens);
        OptionValues.requireAtLeast("--tokens-per-step", tokensPerStep, 1);
        OptionValues.requireAtLeast("--local-steps", localSteps, 1);
        OptionValues.requireAtLeast("--checkpoint-rounds", checkpointRounds, 1);
        OptionValues.requirePositive("--step-seconds", stepSeconds);
        OptionValues.requireAtLeast("--fragments", fragments, 1);
        OptionValues.requireAtLeast("--spares", spares, 0);
        OptionValues.requireAtLeast("--jitter", jitter, 0);
        OptionValues.requireAtLeast("--exchange-seconds", exchangeSeconds, 0);
        OptionValues.requireAtLeast("--checkpoint-seconds", checkpointSeconds, 0);
        OptionValues.requireAtLeast("--load-seconds", loadSeconds, 0);
        OptionValues.requireAtLeast("--hours-between-faults", hoursBetweenFaults, 0);
        OptionValues.requireAtLeast("--repair-minutes", repairMinutes, 0);
        minWorkers.ifPresent(least -> {
            if (least < workers && shape(1).isStreamed()) {
                throw new InputException(
                        "--min-workers is " + least + " with --fragments above 1 or --overlap, which need a"
                                + " fixed number of workers; leave --min-workers out");
            }
            if (least < 1 || least > workers) {
                throw new InputException("--min-workers is " + least + "; it must be at least 1 and at most --workers ("
                        + workers + ")");
            }
        });
    }
}
