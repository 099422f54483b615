package org.sluice.jobs.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.sluice.experiments.report.ModelInWords;
import org.sluice.model.DecoderConfig;
import org.sluice.model.FlopsPerToken;
import org.sluice.tensor.Backend;
import org.sluice.tensor.MachineSpeed;
import org.sluice.tensor.observation.ObservedBackend;
import org.sluice.training.Replica;
import org.sluice.training.TrainingBlock;
import org.sluice.training.TrainingConfig;

/**
 * Times whole training steps of one replica: forward, backward, clipping and AdamW, on random tokens.
 *
 * @param model what is trained
 * @param sequences the batch
 * @param length positions of a sequence
 * @param warmupSteps steps before the clock starts, for the compiler
 * @param steps steps that are timed
 */
public record StepBenchmark(DecoderConfig model, int sequences, int length, int warmupSteps, int steps) {

    /** Runs the benchmark; the median of the steps is what counts. */
    public BenchmarkResult run(Backend backend) {
        Optional<MachineSpeed> machine = backend.measureMachine();
        return result(backend, machine, stepMillis(backend, () -> {}));
    }

    /** Runs the benchmark and times each operation in it. */
    public OperationReport runOperations(Backend backend) {
        Optional<MachineSpeed> machine = backend.measureMachine();
        OperationTimes times = new OperationTimes(machine);
        double[] millis = stepMillis(new ObservedBackend(backend, times), times::clear);
        double mean = Arrays.stream(millis).average().orElseThrow();
        return OperationReport.of(result(backend, machine, millis), times.ofStep(steps, mean), mean);
    }

    /** @param warm what is done before the first step that is timed */
    private double[] stepMillis(Backend backend, Runnable warm) {
        double[] millis = new double[steps];
        try (Replica replica = new Replica(model, trainingConfig(), backend, length)) {
            replica.initialise();
            SplittableRandom random = new SplittableRandom(17);
            for (int step = 0; step < warmupSteps + steps; step++) {
                List<TrainingBlock> blocks = randomBlocks(random);
                if (step == warmupSteps) {
                    warm.run();
                }
                long start = System.nanoTime();
                replica.step(step, blocks);
                if (step >= warmupSteps) {
                    millis[step - warmupSteps] = (System.nanoTime() - start) / 1e6;
                }
            }
        }
        return millis;
    }

    private BenchmarkResult result(Backend backend, Optional<MachineSpeed> machine, double[] millis) {
        double median = median(millis);
        double tokensPerSecond = sequences * (double) length / median * 1e3;
        double gflops = FlopsPerToken.of(model, length).total() * tokensPerSecond / 1e9;
        Optional<Double> peak = machine.map(MachineSpeed::gigaflops);
        return new BenchmarkResult(
                tokensPerSecond,
                median,
                backend.name(),
                backend.precision().toString(),
                gflops,
                backend.cores(),
                model.parameters(),
                ModelInWords.modifiers(model),
                peak.orElse(null),
                peak.map(most -> gflops / most).orElse(null));
    }

    private List<TrainingBlock> randomBlocks(SplittableRandom random) {
        List<TrainingBlock> blocks = new ArrayList<>();
        for (int i = 0; i < sequences; i++) {
            int[] tokens = random.ints(length + 1, 0, model.vocabulary()).toArray();
            blocks.add(new TrainingBlock(i, tokens, new int[] {0}));
        }
        return blocks;
    }

    private TrainingConfig trainingConfig() {
        return new TrainingConfig(
                TrainingConfig.ADAMW,
                1e-3,
                1e-4,
                warmupSteps,
                warmupSteps + (long) steps,
                0.9,
                0.95,
                1e-8,
                0.1,
                1,
                0,
                0,
                0,
                sequences,
                17);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
