package org.sluice.jobs.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.sluice.model.DecoderConfig;
import org.sluice.model.Parameter;
import org.sluice.model.ParameterLayout;
import org.sluice.tensor.Backend;
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
    private static final String EMBEDDING = "model.embed_tokens.weight";

    /** Runs the benchmark; the median of the steps is what counts. */
    public BenchmarkResult run(Backend backend) {
        double[] millis = new double[steps];
        try (Replica replica = new Replica(model, trainingConfig(), backend, length)) {
            replica.initialise();
            SplittableRandom random = new SplittableRandom(17);
            for (int step = 0; step < warmupSteps + steps; step++) {
                List<TrainingBlock> blocks = randomBlocks(random);
                long start = System.nanoTime();
                replica.step(step, blocks);
                if (step >= warmupSteps) {
                    millis[step - warmupSteps] = (System.nanoTime() - start) / 1e6;
                }
            }
        }
        double median = median(millis);
        double tokensPerSecond = sequences * (double) length / median * 1e3;
        return new BenchmarkResult(
                tokensPerSecond,
                median,
                backend.name(),
                operationsPerStep() / median / 1e6,
                backend.cores(),
                model.parameters(),
                model.gate().toString());
    }

    /**
     * Floating-point operations of one step: 6 for each token and parameter that is multiplied with it (2 forward, 4 backward), and for
     * each layer and head causal attention's {@code Q K^T} and {@code P V}, 2 forward and 4 backward for each pair of positions that
     * see one another, about half of {@code T^2}. Norms, activations and the optimizer are not counted.
     */
    double operationsPerStep() {
        double weights = ParameterLayout.of(model).parameters().stream()
                .filter(parameter -> parameter.shape().rank() == 2)
                .filter(parameter -> model.tiedEmbedding() || !parameter.name().equals(EMBEDDING))
                .mapToLong(Parameter::elements)
                .sum();
        double tokens = (double) sequences * length;
        double attention = 6.0 * model.layers() * model.queryWidth() * length * tokens;
        return 6 * weights * tokens + attention;
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
