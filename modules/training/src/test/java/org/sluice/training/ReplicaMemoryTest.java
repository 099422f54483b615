package org.sluice.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.model.AttentionModifier;
import org.sluice.model.DecoderConfig;
import org.sluice.model.GateConfig;
import org.sluice.model.GatePosition;
import org.sluice.model.GateSource;
import org.sluice.model.HeadNorm;
import org.sluice.model.MixtureConfig;
import org.sluice.model.Presets;
import org.sluice.model.SwitchHeads;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;

class ReplicaMemoryTest {
    private static final int[][] BATCHES = {{1, 1}, {1, 9}, {3, 5}, {2, 16}};

    private static Backend backend;

    @BeforeAll
    static void open() {
        backend = Backends.open(Backends.AUTOMATIC, 1);
    }

    @AfterAll
    static void close() {
        backend.close();
    }

    private static TrainingConfig training(String optimizer, int microBatch) {
        return new TrainingConfig(optimizer, 1e-3, 1e-4, 1, 10, 0.9, 0.95, 1e-8, 0, 1, 0, 0.01, 1e-3, microBatch, 1);
    }

    private static void assertTheFormulaHolds(DecoderConfig model, TrainingConfig training, int blockLength) {
        ReplicaMemory memory = ReplicaMemory.of(model, training, blockLength);
        try (Replica replica = new Replica(model, training, backend, blockLength)) {
            assertThat(memory.total())
                    .as("%s of %d sequences of %d, %s", training.optimizer(), training.microBatch(), blockLength, model)
                    .isEqualTo(replica.allocatedBytes());
            assertThat(memory.parameters())
                    .isEqualTo(replica.decoder().parameters().elements() * Float.BYTES);
            assertThat(memory.gradients())
                    .isEqualTo(replica.decoder().gradients().elements() * Float.BYTES);
            assertThat(memory.optimizerState())
                    .isEqualTo(replica.optimizerState().stream()
                            .mapToLong(state -> state.tensor().elements() * Float.BYTES)
                            .sum());
        }
    }

    static Stream<DecoderConfig> models() {
        DecoderConfig plain = Presets.TINY
                .change()
                .layers(2)
                .hidden(10)
                .heads(4)
                .kvHeads(2)
                .headDim(6)
                .ffn(14)
                .vocabulary(19)
                .build();
        List<DecoderConfig> models = new ArrayList<>(List.of(
                plain,
                plain.change().tiedEmbedding(false).build(),
                plain.change().tiedEmbedding(true).build(),
                plain.change().sandwichNorm(true).residualClip(2).build(),
                plain.change().mixture(MixtureConfig.of(5, 2)).build(),
                plain.change()
                        .mixture(MixtureConfig.of(1, 1))
                        .tiedEmbedding(false)
                        .build(),
                // More logits than exist at once.
                plain.change().vocabulary(3_000_000).hidden(2).layers(1).build()));
        for (GatePosition position : GatePosition.values()) {
            for (AttentionModifier modifier : everythingAt(position)) {
                models.add(plain.change().modifiers(List.of(modifier)).build());
            }
        }
        return models.stream();
    }

    /** Every kind of modifier that a position may have. */
    private static List<AttentionModifier> everythingAt(GatePosition position) {
        GateConfig gate = GateConfig.elementwise(position);
        List<AttentionModifier> modifiers =
                new ArrayList<>(List.of(gate, gate.from(GateSource.LEARNED), gate.from(GateSource.SELF)));
        if (position != GatePosition.DENSE_OUTPUT) {
            modifiers.add(gate.shared());
            modifiers.add(GateConfig.headwise(position));
        }
        if (position == GatePosition.SDPA_OUTPUT) {
            modifiers.add(HeadNorm.SDPA_OUTPUT);
        }
        if (position == GatePosition.KEY || position == GatePosition.VALUE) {
            modifiers.add(new SwitchHeads(position, 3, 2));
        }
        return modifiers;
    }

    @ParameterizedTest
    @MethodSource("models")
    void aReplicaTakesWhatTheFormulaSays(DecoderConfig model) {
        for (int[] batch : model.vocabulary() > 1000 ? new int[][] {{3, 5}} : BATCHES) {
            for (String optimizer : List.of(TrainingConfig.ADAMW, TrainingConfig.SGD)) {
                assertTheFormulaHolds(model, training(optimizer, batch[0]), batch[1]);
            }
        }
    }

    @Test
    void aRandomReplicaTakesWhatTheFormulaSays() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int attempt = 0; attempt < 100; attempt++) {
            String optimizer = random.nextBoolean() ? TrainingConfig.ADAMW : TrainingConfig.SGD;
            assertTheFormulaHolds(
                    randomModel(random), training(optimizer, random.nextInt(1, 5)), random.nextInt(1, 20));
        }
    }

    private static DecoderConfig randomModel(SplittableRandom random) {
        List<AttentionModifier> modifiers = new ArrayList<>();
        for (GatePosition position : GatePosition.values()) {
            List<AttentionModifier> possible = everythingAt(position);
            int chosen = random.nextInt(2 * possible.size());
            if (chosen < possible.size()) {
                modifiers.add(possible.get(chosen));
            }
        }
        int kvHeads = random.nextInt(1, 4);
        int experts = random.nextInt(1, 7);
        return Presets.TINY
                .change()
                .layers(random.nextInt(1, 4))
                .hidden(random.nextInt(1, 30))
                .kvHeads(kvHeads)
                .heads(kvHeads * random.nextInt(1, 4))
                .headDim(2 * random.nextInt(1, 9))
                .ffn(random.nextInt(1, 40))
                .vocabulary(random.nextInt(1, 100))
                .tiedEmbedding(random.nextBoolean())
                .mixture(
                        random.nextBoolean()
                                ? MixtureConfig.DENSE
                                : MixtureConfig.of(experts, random.nextInt(1, experts + 1)))
                .sandwichNorm(random.nextBoolean())
                .residualClip(random.nextBoolean() ? 0 : 2)
                .modifiers(modifiers)
                .build();
    }
}
