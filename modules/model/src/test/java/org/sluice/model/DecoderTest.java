package org.sluice.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
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
        SplittableRandom random = random();
        double[] parameters = RandomModels.parameters(config, random);
        TokenBatch batch = RandomModels.batch(config, SEQUENCES, LENGTH, random);
        double expected = new PlainDecoder(config, parameters).objective(batch, 0);
        for (DecoderMode mode : DecoderMode.values()) {
            try (Decoder decoder = decoder(config, mode)) {
                backend.memory().writeDoubles(parameters, decoder.parameters());
                assertThat(decoder.forward(batch, ForwardObserver.none()))
                        .as(mode.name())
                        .isCloseTo(expected, offset(1e-9));
                double[] losses = backend.memory().readDoubles(decoder.losses());
                for (int n = 0; n < losses.length; n++) {
                    assertThat(losses[n] != 0).as("position %d", n).isEqualTo(batch.targets()[n] >= 0);
                }
            }
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

    @Test
    void gradientsAddUpAndTheSameStepGivesTheSameBits() {
        SplittableRandom random = random();
        DecoderConfig config = RandomModels.odd(GateConfig.SDPA_ELEMENTWISE, true);
        double[] parameters = RandomModels.parameters(config, random);
        TokenBatch batch = RandomModels.batch(config, SEQUENCES, LENGTH, random);
        try (Decoder decoder = decoder(config, DecoderMode.TRAINING)) {
            backend.memory().writeDoubles(parameters, decoder.parameters());
            double loss = decoder.forwardBackward(batch, 1, 0);
            double[] once = backend.memory().readDoubles(decoder.gradients());
            backend.memory().fill(decoder.gradients(), 0);
            assertThat(decoder.forwardBackward(batch, 1, 0)).isEqualTo(loss);
            assertThat(backend.memory().readDoubles(decoder.gradients())).isEqualTo(once);
            decoder.forwardBackward(batch, 1, 0);
            double[] twice = backend.memory().readDoubles(decoder.gradients());
            for (int i = 0; i < once.length; i++) {
                assertThat(twice[i]).isCloseTo(2 * once[i], offset(1e-12 + 1e-12 * Math.abs(once[i])));
            }
        }
    }

    @Test
    void aSequenceDoesNotDependOnTheOthersNorOnLaterTokensNorOnOtherDocuments() {
        SplittableRandom random = random();
        DecoderConfig config = RandomModels.odd(GateConfig.SDPA_HEADWISE, false);
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

    @ParameterizedTest
    @MethodSource("org.sluice.model.RandomModels#all")
    void anObserverSeesEveryLayer(DecoderConfig config) {
        SplittableRandom random = random();
        TokenBatch batch = RandomModels.batch(config, SEQUENCES, LENGTH, random);
        Recorder training = new Recorder();
        Recorder evaluation = new Recorder();
        double[] parameters = RandomModels.parameters(config, random);
        try (Decoder decoder = decoder(config, DecoderMode.TRAINING)) {
            backend.memory().writeDoubles(parameters, decoder.parameters());
            decoder.forward(batch, training);
        }
        try (Decoder decoder = decoder(config, DecoderMode.EVALUATION)) {
            backend.memory().writeDoubles(parameters, decoder.parameters());
            decoder.forward(batch, evaluation);
        }

        assertThat(training.events).isEqualTo(evaluation.events);
        assertThat(training.shapes)
                .startsWith("query [3, 9, 4, 6] key [3, 9, 2, 6] logSumExp [3, 4, 9] firstVisible [3, 9] gate "
                        + gateShape(config));
        assertThat(training.layers).containsExactly(0, 100, 1, 101);
        assertThat(training.scale).isEqualTo(1 / Math.sqrt(6));
    }

    private static String gateShape(DecoderConfig config) {
        return switch (config.gate().granularity()) {
            case NONE -> "none";
            case ELEMENTWISE -> "[3, 9, 4, 6]";
            case HEADWISE -> "[3, 9, 4]";
        };
    }

    /** Copies what it is shown; layer outputs are numbered from 100. */
    private static final class Recorder implements ForwardObserver {
        final List<Integer> layers = new ArrayList<>();
        final List<List<Double>> events = new ArrayList<>();
        String shapes = "";
        double scale;

        @Override
        public void attention(
                int layer,
                Tensor query,
                Tensor key,
                Tensor logSumExp,
                Tensor firstVisible,
                double attentionScale,
                Optional<Tensor> gateLogits) {
            layers.add(layer);
            scale = attentionScale;
            shapes = "query " + query.shape() + " key " + key.shape() + " logSumExp " + logSumExp.shape()
                    + " firstVisible " + firstVisible.shape() + " gate "
                    + gateLogits.map(Tensor::shape).map(Shape::toString).orElse("none");
            record(query);
            record(key);
            record(logSumExp);
            gateLogits.ifPresent(this::record);
        }

        @Override
        public void layerOutput(int layer, Tensor hidden) {
            layers.add(100 + layer);
            record(hidden);
        }

        private void record(Tensor tensor) {
            List<Double> values = new ArrayList<>();
            for (double value : backend.memory().readDoubles(tensor)) {
                values.add(value);
            }
            events.add(values);
        }
    }

    @Test
    void initialisationFillsTheFlatSpaceAndPredictsAlmostUniformly() {
        DecoderConfig config = Presets.TINY.withGate(GateConfig.SDPA_ELEMENTWISE);
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
        DecoderConfig config = RandomModels.odd(GateConfig.NONE, true);
        try (Decoder decoder = decoder(config, DecoderMode.EVALUATION)) {
            TokenBatch batch = RandomModels.batch(config, SEQUENCES, LENGTH, random());
            assertThatThrownBy(decoder::gradients)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("made for evaluation");
            assertThatThrownBy(() -> decoder.forwardBackward(batch, 1, 0)).isInstanceOf(IllegalStateException.class);
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
