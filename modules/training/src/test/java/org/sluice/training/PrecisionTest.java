package org.sluice.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.sluice.model.DecoderConfig;
import org.sluice.model.Presets;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;
import org.sluice.tensor.Precision;

/** Training with products in bfloat16 against the same training with products of floats. */
class PrecisionTest {
    private static final int LENGTH = 64;
    private static final int SEQUENCES = 4;
    private static final int STEPS = 150;
    private static final int VOCABULARY = 96;

    /** Every product of it is large enough to be computed in bfloat16. */
    private static final DecoderConfig MODEL = Presets.TINY
            .change()
            .layers(2)
            .hidden(64)
            .heads(2)
            .kvHeads(2)
            .headDim(32)
            .ffn(128)
            .vocabulary(VOCABULARY)
            .tiedEmbedding(false)
            .build();

    @Test
    void theLossIsThatOfFloatsWithinOnePercent() {
        assumeTrue(
                Backends.precision(Backends.AUTOMATIC, "auto") == Precision.BF16,
                "skipped: no backend here multiplies bfloat16 numbers");
        List<Double> floats = losses(Precision.FP32);
        List<Double> bfloats = losses(Precision.BF16);
        assertThat(bfloats).isNotEqualTo(floats);
        double learnt = mean(floats, STEPS - 20, STEPS);
        assertThat(learnt).as("the loss with floats").isLessThan(0.8 * mean(floats, 0, 5));
        assertThat(mean(bfloats, STEPS - 20, STEPS) / learnt).isBetween(0.99, 1.01);
        assertThat(losses(Precision.BF16)).as("the same again").isEqualTo(bfloats);
    }

    private static List<Double> losses(Precision precision) {
        TrainingConfig config = new TrainingConfig(
                TrainingConfig.ADAMW, 3e-3, 3e-4, 10, STEPS, 0.9, 0.95, 1e-8, 0.1, 1, 0, 0, 0, SEQUENCES, 11);
        List<Double> losses = new ArrayList<>();
        try (Backend backend = Backends.open(Backends.AUTOMATIC, 2, precision);
                Replica replica = new Replica(MODEL, config, backend, LENGTH)) {
            replica.initialise();
            SplittableRandom random = new SplittableRandom(5);
            for (int step = 0; step < STEPS; step++) {
                losses.add(replica.step(step, blocks(random)).loss());
            }
        }
        return losses;
    }

    /** Texts in which a token mostly follows from the one before: there is something to learn, and something that cannot be. */
    private static List<TrainingBlock> blocks(SplittableRandom random) {
        List<TrainingBlock> blocks = new ArrayList<>();
        for (int sequence = 0; sequence < SEQUENCES; sequence++) {
            int[] tokens = new int[LENGTH + 1];
            tokens[0] = random.nextInt(VOCABULARY);
            for (int t = 1; t <= LENGTH; t++) {
                boolean follows = random.nextInt(4) > 0;
                tokens[t] = follows ? (tokens[t - 1] * 7 + 3) % VOCABULARY : random.nextInt(VOCABULARY);
            }
            blocks.add(new TrainingBlock(sequence, tokens, new int[] {0}));
        }
        return blocks;
    }

    private static double mean(List<Double> losses, int from, int to) {
        return losses.subList(from, to).stream()
                .mapToDouble(Double::doubleValue)
                .average()
                .orElseThrow();
    }
}
