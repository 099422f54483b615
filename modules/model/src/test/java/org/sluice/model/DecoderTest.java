package org.sluice.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.tensor.Arena;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;
import org.sluice.tensor.DType;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

class DecoderTest {
    private static final int SEQUENCES = 3;
    private static final int LENGTH = 9;
    private static Backend backend;

    @BeforeAll
    static void open() {
        backend = Backends.open("reference", 2);
    }

    @AfterAll
    static void close() {
        backend.close();
    }

    private static Decoder decoder(DecoderConfig config, DecoderMode mode) {
        return new Decoder(config, backend, DType.FLOAT64, SEQUENCES, LENGTH, mode);
    }

    private static SplittableRandom random() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        return new SplittableRandom(seed);
    }

    @ParameterizedTest
    @MethodSource("org.sluice.model.RandomModels#all")
    void theLossIsThatOfThePlainTwinInBothModes(DecoderConfig config) {
        RandomModels.Case model = RandomModels.clearCase(config, SEQUENCES, LENGTH, 1e-9, random());
        double[] parameters = model.parameters();
        TokenBatch batch = model.batch();
        PlainDecoder.Pass expected = new PlainDecoder(config, parameters).pass(batch);
        for (DecoderMode mode : DecoderMode.values()) {
            try (Decoder decoder = decoder(config, mode)) {
                backend.memory().writeDoubles(parameters, decoder.parameters());
                assertThat(decoder.forward(batch, ForwardObserver.none()))
                        .as(mode.name())
                        .isCloseTo(expected.loss(), offset(1e-9));
                assertSameRouting(decoder.routing(), expected.routing());
                double[] losses = backend.memory().readDoubles(decoder.losses());
                for (int n = 0; n < losses.length; n++) {
                    assertThat(losses[n] != 0).as("position %d", n).isEqualTo(batch.targets()[n] >= 0);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("everythingAtOnce")
    void theLogitsAreThoseOfTheLosses(DecoderConfig config) {
        SplittableRandom random = random();
        double[] parameters = RandomModels.parameters(config, random);
        TokenBatch batch = RandomModels.batch(config, SEQUENCES, LENGTH, random);
        try (Decoder decoder = decoder(config, DecoderMode.EVALUATION);
                Arena arena = backend.newArena("logits")) {
            backend.memory().writeDoubles(parameters, decoder.parameters());
            decoder.forward(batch, ForwardObserver.none());
            Tensor out = arena.allocate("logits", DType.FLOAT64, Shape.of(SEQUENCES * LENGTH, config.vocabulary()));
            decoder.logits(out);
            double[] logits = backend.memory().readDoubles(out);
            double[] losses = backend.memory().readDoubles(decoder.losses());
            for (int n = 0; n < losses.length; n++) {
                int target = batch.targets()[n];
                if (target >= 0) {
                    double[] row = Arrays.copyOfRange(logits, n * config.vocabulary(), (n + 1) * config.vocabulary());
                    assertThat(PlainWeights.logSumExp(row, 0) - row[target])
                            .as("position %d", n)
                            .isCloseTo(losses[n], offset(1e-9));
                }
            }
        }
    }

    private static void assertSameRouting(RouterSums found, PlainRouting twin) {
        RouterSums expected = twin.sums();
        assertThat(found.counts()).isEqualTo(expected.counts());
        assertThat(found.rows()).isEqualTo(expected.rows());
        assertThat(found.probabilitySums()).containsExactly(expected.probabilitySums(), within(1e-9));
        assertThat(found.squares()).containsExactly(expected.squares(), within(1e-9));
        long rows = Math.max(1, found.rows());
        for (RouterSums sums : List.of(found, found.plus(found))) {
            assertThat(sums.loadBalanceLoss(0) + sums.loadBalanceLoss(1))
                    .isCloseTo(twin.objective(new RouterObjective(1, 0, rows, Optional.empty())), offset(1e-9));
            assertThat(sums.zLoss(0) + sums.zLoss(1))
                    .isCloseTo(twin.objective(new RouterObjective(0, 1, rows, Optional.empty())), offset(1e-9));
        }
    }

    @ParameterizedTest
    @MethodSource("org.sluice.model.RandomModels#all")
    void theMemoryIsWhatTheFormulaSays(DecoderConfig config) {
        for (DecoderMode mode : DecoderMode.values()) {
            for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64)) {
                try (Decoder decoder = new Decoder(config, backend, dtype, SEQUENCES, LENGTH, mode)) {
                    DecoderMemory memory = DecoderMemory.of(config, dtype, SEQUENCES, LENGTH, mode);
                    assertThat(decoder.allocatedBytes())
                            .as("%s %s", mode, dtype)
                            .isEqualTo(memory.total());
                    assertThat(memory.parameters()).isEqualTo(config.parameters() * dtype.bytes());
                }
            }
        }
    }

    static Stream<DecoderConfig> everythingAtOnce() {
        return Stream.of(RandomModels.odd(true, GateConfig.SDPA_ELEMENTWISE), RandomModels.everything());
    }

    @ParameterizedTest
    @MethodSource("everythingAtOnce")
    void gradientsAddUpAndTheSameStepGivesTheSameBits(DecoderConfig config) {
        SplittableRandom random = random();
        double[] parameters = RandomModels.parameters(config, random);
        TokenBatch batch = RandomModels.batch(config, SEQUENCES, LENGTH, random);
        try (Decoder decoder = decoder(config, DecoderMode.TRAINING)) {
            backend.memory().writeDoubles(parameters, decoder.parameters());
            double loss = decoder.forwardBackward(batch, PassObjective.dense(1, 0));
            double[] once = backend.memory().readDoubles(decoder.gradients());
            backend.memory().fill(decoder.gradients(), 0);
            assertThat(decoder.forwardBackward(batch, PassObjective.dense(1, 0)))
                    .isEqualTo(loss);
            assertThat(backend.memory().readDoubles(decoder.gradients())).isEqualTo(once);
            decoder.forwardBackward(batch, PassObjective.dense(1, 0));
            double[] twice = backend.memory().readDoubles(decoder.gradients());
            for (int i = 0; i < once.length; i++) {
                assertThat(twice[i]).isCloseTo(2 * once[i], offset(1e-12 + 1e-12 * Math.abs(once[i])));
            }
        }
    }

    @Test
    void aClippedStreamReachesItsBoundAndNeverLeavesIt() {
        SplittableRandom random = random();
        DecoderConfig config = RandomModels.everything();
        double[] parameters = RandomModels.parameters(config, random);
        try (Decoder decoder = decoder(config, DecoderMode.EVALUATION)) {
            backend.memory().writeDoubles(parameters, decoder.parameters());
            decoder.forward(RandomModels.batch(config, SEQUENCES, LENGTH, random), new ForwardObserver() {
                @Override
                public void layerOutput(int layer, Tensor hidden) {
                    assertThat(Arrays.stream(backend.memory().readDoubles(hidden))
                                    .boxed())
                            .as("layer %d", layer)
                            .contains(config.residualClip())
                            .contains(-config.residualClip())
                            .allMatch(value -> Math.abs(value) <= config.residualClip());
                }
            });
        }
    }

    @Test
    void thePassesOwnCountsAreTakenWhereNoOthersAreGiven() {
        SplittableRandom random = random();
        DecoderConfig config = RandomModels.everything();
        TokenBatch batch = RandomModels.batch(config, SEQUENCES, LENGTH, random);
        double[] parameters = RandomModels.parameters(config, random);
        try (Decoder decoder = decoder(config, DecoderMode.TRAINING)) {
            backend.memory().writeDoubles(parameters, decoder.parameters());
            double[] own = gradients(decoder, batch, new RouterObjective(3, 0, batch.routedCount(), Optional.empty()));
            ExpertCounts counts = decoder.routing().counts();
            assertThat(gradients(decoder, batch, new RouterObjective(3, 0, batch.routedCount(), Optional.of(counts))))
                    .isEqualTo(own);
            ExpertCounts doubled = counts.plus(counts);
            assertThat(gradients(decoder, batch, new RouterObjective(3, 0, batch.routedCount(), Optional.of(doubled))))
                    .as("only the shares matter")
                    .isEqualTo(own);
            assertThat(gradients(decoder, batch, RouterObjective.NONE)).isNotEqualTo(own);
        }
    }

    private static double[] gradients(Decoder decoder, TokenBatch batch, RouterObjective objective) {
        backend.memory().fill(decoder.gradients(), 0);
        decoder.forwardBackward(batch, new PassObjective(1, 0, objective));
        return backend.memory().readDoubles(decoder.gradients());
    }

    @Test
    void aSequenceDoesNotDependOnTheOthersNorOnLaterTokensNorOnOtherDocuments() {
        SplittableRandom random = random();
        DecoderConfig config = RandomModels.odd(false, GateConfig.SDPA_HEADWISE);
        double[] parameters = RandomModels.parameters(config, random);
        int[] block = random.ints(LENGTH + 1, 1, config.vocabulary()).toArray();
        int[] changed = block.clone();
        changed[0] = 0;
        changed[LENGTH] = 0;
        int[] starts = {0, 4};
        try (Decoder decoder = decoder(config, DecoderMode.EVALUATION)) {
            backend.memory().writeDoubles(parameters, decoder.parameters());
            decoder.forward(
                    TokenBatch.of(SEQUENCES, LENGTH, List.of(block, changed), List.of(starts, starts)),
                    ForwardObserver.none());
            double[] losses = backend.memory().readDoubles(decoder.losses());
            for (int t = 4; t < LENGTH - 1; t++) {
                assertThat(losses[LENGTH + t]).as("position %d", t).isEqualTo(losses[t]);
            }
            assertThat(losses[LENGTH]).isNotEqualTo(losses[0]);
            assertThat(losses[2 * LENGTH - 1]).isNotEqualTo(losses[LENGTH - 1]);
        }
    }

    @Test
    void initialisationFillsTheFlatSpaceAndPredictsAlmostUniformly() {
        DecoderConfig config = Presets.TINY.withModifiers(GateConfig.SDPA_ELEMENTWISE);
        try (Decoder decoder = new Decoder(config, backend, DType.FLOAT32, 2, 16, DecoderMode.EVALUATION)) {
            decoder.initialise(11);
            double[] expected = new ParameterInitialiser(decoder.layout(), 11)
                    .values(0, Math.toIntExact(decoder.layout().elements()));
            assertThat(backend.memory().readDoubles(decoder.parameters())).isEqualTo(expected);
            SplittableRandom random = random();
            TokenBatch batch = TokenBatch.of(
                    2,
                    16,
                    List.of(
                            random.ints(17, 0, 2048).toArray(),
                            random.ints(17, 0, 2048).toArray()),
                    List.of(new int[] {0}, new int[] {0}));
            assertThat(decoder.forward(batch, ForwardObserver.none()) / batch.targetCount())
                    .isCloseTo(Math.log(2048), offset(0.3));
        }
    }

    @Test
    void wrongUseIsRefusedInWords() {
        DecoderConfig config = RandomModels.odd(true);
        try (Decoder decoder = decoder(config, DecoderMode.EVALUATION)) {
            TokenBatch batch = RandomModels.batch(config, SEQUENCES, LENGTH, random());
            assertThatThrownBy(decoder::gradients)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("made for evaluation");
            assertThatThrownBy(() -> decoder.forwardBackward(batch, PassObjective.dense(1, 0)))
                    .isInstanceOf(IllegalStateException.class);
            TokenBatch shorter = RandomModels.batch(config, SEQUENCES, LENGTH - 1, random());
            assertThatThrownBy(() -> decoder.forward(shorter, ForwardObserver.none()))
                    .hasMessage("the batch has 3 sequences of 8 tokens; this decoder was made for 3 of 9");
        }
        assertThatThrownBy(() -> new Decoder(config, backend, DType.INT32, 1, 1, DecoderMode.TRAINING))
                .hasMessage("backend reference cannot compute a model in INT32");
        assertThatThrownBy(() -> new Decoder(config, backend, DType.FLOAT32, 0, 1, DecoderMode.TRAINING))
                .hasMessageContaining("at least 1 sequence");
    }
}
