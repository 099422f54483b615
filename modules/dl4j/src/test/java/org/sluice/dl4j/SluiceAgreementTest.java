package org.sluice.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.sluice.model.DecoderConfig;
import org.sluice.model.Parameter;
import org.sluice.model.ParameterLayout;
import org.sluice.model.RandomModels;
import org.sluice.model.SluiceAttention;
import org.sluice.model.SwitchHeads;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;
import org.sluice.tensor.DType;

/** Weights of a checkpoint, carried over, give the outputs and the gradients that Sluice's own layer gives. */
class SluiceAgreementTest {
    private static final int LAYER = 1;
    private static final int SEQUENCES = 3;

    private final SplittableRandom random = Networks.random();

    @TempDir
    Path temporary;

    static Stream<DecoderConfig> models() {
        Map<AttentionSettings, DecoderConfig> bySettings = new LinkedHashMap<>();
        RandomModels.all()
                .filter(model -> !model.sandwichNorm())
                .forEach(model -> bySettings.putIfAbsent(AttentionSettings.of(model), model));
        return bySettings.values().stream();
    }

    @ParameterizedTest
    @MethodSource("models")
    void outputsAndGradientsInDoublePrecision(DecoderConfig model) throws IOException {
        double[] parameters = SluiceAttention.randomParameters(model, random);
        MultiLayerNetwork network = network(model, DataType.DOUBLE, DType.FLOAT64, parameters);
        try (Backend backend = Backends.open("reference", 1);
                SluiceAttention sluice = new SluiceAttention(model, backend, DType.FLOAT64, parameters, LAYER)) {
            for (int length : new int[] {7, 1}) {
                INDArray input = Networks.input(SEQUENCES, model.hidden(), length, random);
                INDArray gradient = Networks.input(SEQUENCES, model.hidden(), length, random);
                SluiceAttention.Pass expected =
                        sluice.pass(SEQUENCES, length, Networks.rows(input), Networks.rows(gradient));
                assertClose("output", Networks.rows(network.output(input)), expected.output(), 1e-10);
                // One key alone has the probability 1 whatever the query, and gradients of both are rounding errors.
                if (length > 1) {
                    assertGradients(model, network, input, gradient, expected);
                }
            }
        }
    }

    static Stream<DecoderConfig> modelsWithSwitchHeads() {
        return models().filter(model -> model.modifiers().stream().anyMatch(SwitchHeads.class::isInstance));
    }

    @ParameterizedTest
    @MethodSource("modelsWithSwitchHeads")
    void ofExpertsWithEqualLogitsTheFirstAreTaken(DecoderConfig model) throws IOException {
        double[] parameters = SluiceAttention.randomParameters(model, random);
        ParameterLayout.of(model).parameters().stream()
                .filter(parameter -> parameter.name().contains("_switch"))
                .forEach(parameter -> Arrays.fill(parameters, (int) parameter.offset(), (int) parameter.end(), 0));
        MultiLayerNetwork network = network(model, DataType.DOUBLE, DType.FLOAT64, parameters);
        INDArray input = Networks.input(SEQUENCES, model.hidden(), 5, random);
        try (Backend backend = Backends.open("reference", 1);
                SluiceAttention sluice = new SluiceAttention(model, backend, DType.FLOAT64, parameters, LAYER)) {
            double[] rows = Networks.rows(input);
            assertClose(
                    "output",
                    Networks.rows(network.output(input)),
                    sluice.pass(SEQUENCES, 5, rows, rows).output(),
                    1e-10);
        }
    }

    static Stream<DecoderConfig> someModels() {
        List<DecoderConfig> all = models().toList();
        return IntStream.range(0, all.size()).filter(index -> index % 4 == 1).mapToObj(all::get);
    }

    @ParameterizedTest
    @MethodSource("someModels")
    void outputsInSinglePrecision(DecoderConfig model) throws IOException {
        int length = 33;
        double[] parameters = SluiceAttention.randomParameters(model, random);
        MultiLayerNetwork network = network(model, DataType.FLOAT, DType.FLOAT32, parameters);
        INDArray input =
                Networks.input(SEQUENCES, model.hidden(), length, random).castTo(DataType.FLOAT);
        try (Backend backend = Backends.open("cpu", 1);
                SluiceAttention sluice = new SluiceAttention(model, backend, DType.FLOAT32, parameters, LAYER)) {
            double[] rows = Networks.rows(input);
            SluiceAttention.Pass expected = sluice.pass(SEQUENCES, length, rows, rows);
            assertClose("output", Networks.rows(network.output(input)), expected.output(), 1e-5);
        }
    }

    /** A network of that layer alone, in use before it gets the weights of a checkpoint. */
    private MultiLayerNetwork network(DecoderConfig model, DataType dataType, DType type, double[] parameters)
            throws IOException {
        MultiLayerNetwork network = Networks.of(
                dataType,
                model.hidden(),
                GatedSelfAttentionLayer.builderFor(model, LAYER).build());
        network.output(Networks.input(1, model.hidden(), 4, random).castTo(dataType));
        new CheckpointWeights(WrittenCheckpoint.of(model, type, parameters, temporary.resolve("round-00000001")))
                .copyTo(LAYER, network.getLayer(0));
        return network;
    }

    private static void assertGradients(
            DecoderConfig model,
            MultiLayerNetwork network,
            INDArray input,
            INDArray gradient,
            SluiceAttention.Pass expected) {
        network.initGradientsView();
        network.setInput(input);
        network.feedForward(true, false);
        Pair<Gradient, INDArray> found = network.backpropGradient(gradient, LayerWorkspaceMgr.noWorkspaces());
        assertClose("input gradient", Networks.rows(found.getSecond()), expected.inputGradient(), 1e-9);
        for (LayerParameter parameter : LayerParameter.of(AttentionSettings.of(model))) {
            Parameter inDecoder = parameter.in(model, LAYER);
            INDArray ofParameter = found.getFirst().getGradientFor("0_" + parameter.key());
            assertThat(ofParameter.shape()).isEqualTo(parameter.shape());
            assertClose(
                    parameter.key(),
                    ofParameter.dup('c').data().asDouble(),
                    Arrays.copyOfRange(expected.parameterGradients(), (int) inDecoder.offset(), (int) inDecoder.end()),
                    1e-9);
        }
    }

    /** Compares the norm of the difference with that of what is expected, which is not 0. */
    private static void assertClose(String name, double[] found, double[] expected, double tolerance) {
        assertThat(found).as(name).hasSameSizeAs(expected);
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < found.length; i++) {
            difference += Math.pow(found[i] - expected[i], 2);
            norm += Math.pow(expected[i], 2);
        }
        assertThat(Math.sqrt(norm)).as("norm of %s", name).isGreaterThan(1e-4);
        assertThat(Math.sqrt(difference / norm))
                .as("relative difference of %s", name)
                .isLessThan(tolerance);
    }
}
