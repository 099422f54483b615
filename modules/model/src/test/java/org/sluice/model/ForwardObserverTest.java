package org.sluice.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;
import org.sluice.tensor.DType;
import org.sluice.tensor.Tensor;

class ForwardObserverTest {
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

    @ParameterizedTest
    @MethodSource("org.sluice.model.RandomModels#all")
    void anObserverSeesEveryGateOfEveryLayer(DecoderConfig config) {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        TokenBatch batch = RandomModels.batch(config, SEQUENCES, LENGTH, random);
        double[] parameters = RandomModels.parameters(config, random);

        Recorder training = observed(config, DecoderMode.TRAINING, parameters, batch);
        Recorder evaluation = observed(config, DecoderMode.EVALUATION, parameters, batch);

        assertThat(training.values).isEqualTo(evaluation.values);
        assertThat(training.events)
                .isEqualTo(evaluation.events)
                .containsExactlyElementsOf(Stream.of(0, 1)
                        .flatMap(layer -> expectedEvents(layer, config))
                        .toList());
    }

    private static Recorder observed(DecoderConfig config, DecoderMode mode, double[] parameters, TokenBatch batch) {
        Recorder recorder = new Recorder();
        try (Decoder decoder = new Decoder(config, backend, DType.FLOAT64, SEQUENCES, LENGTH, mode)) {
            backend.memory().writeDoubles(parameters, decoder.parameters());
            decoder.forward(batch, recorder);
        }
        return recorder;
    }

    private static Stream<String> expectedEvents(int layer, DecoderConfig config) {
        int kvHeads = config.kvHeads();
        String attention = layer + " query [3, 9, 4, 6] key [3, 9, " + kvHeads + ", 6] logSumExp [3, 4, 9]"
                + " firstVisible [3, 9] scale " + 1 / Math.sqrt(6);
        Stream<String> gates = config.gates().stream()
                .map(gate -> layer + " " + gate + " logits " + logitsShape(gate, kvHeads) + " values "
                        + valuesShape(gate.position(), kvHeads));
        return Stream.of(Stream.of(attention), gates, Stream.of(layer + " hidden [27, 10]"))
                .flatMap(events -> events);
    }

    private static String valuesShape(GatePosition position, int kvHeads) {
        return switch (position) {
            case SDPA_OUTPUT, QUERY -> "[3, 9, 4, 6]";
            case VALUE, KEY -> "[3, 9, " + kvHeads + ", 6]";
            case DENSE_OUTPUT -> "[3, 9, 1, 10]";
        };
    }

    private static String logitsShape(GateConfig gate, int kvHeads) {
        String elementwise = valuesShape(gate.position(), kvHeads);
        return gate.granularity() == GateGranularity.HEADWISE ? elementwise.replace(", 6]", "]") : elementwise;
    }

    /** Copies what it is shown, and holds gates to their formula. */
    private static final class Recorder implements ForwardObserver {
        final List<String> events = new ArrayList<>();
        final List<List<Double>> values = new ArrayList<>();

        @Override
        public void attention(
                int layer, Tensor query, Tensor key, Tensor logSumExp, Tensor firstVisible, double scale) {
            events.add(layer + " query " + query.shape() + " key " + key.shape() + " logSumExp " + logSumExp.shape()
                    + " firstVisible " + firstVisible.shape() + " scale " + scale);
            record(query);
            record(key);
            record(logSumExp);
        }

        @Override
        public void gate(int layer, GateConfig gate, Tensor logits, Tensor before, Tensor after) {
            events.add(layer + " " + gate + " logits " + logits.shape() + " values " + before.shape());
            assertThat(after.shape()).isEqualTo(before.shape());
            double[] logitValues = record(logits);
            double[] x = record(before);
            double[] found = record(after);
            int rows = SEQUENCES * LENGTH;
            for (int n = 0; n < rows; n++) {
                double[] expected = PlainModifiers.gated(gate, row(x, n, rows), row(logitValues, n, rows), (int)
                        before.shape().dimension(2));
                assertThat(row(found, n, rows))
                        .as("%s, layer %d, row %d", gate, layer, n)
                        .containsExactly(expected, within(1e-12));
            }
        }

        @Override
        public void layerOutput(int layer, Tensor hidden) {
            events.add(layer + " hidden " + hidden.shape());
            record(hidden);
        }

        private static double[] row(double[] all, int row, int rows) {
            int width = all.length / rows;
            return Arrays.copyOfRange(all, row * width, (row + 1) * width);
        }

        private double[] record(Tensor tensor) {
            double[] read = backend.memory().readDoubles(tensor);
            values.add(Arrays.stream(read).boxed().toList());
            return read;
        }
    }
}
