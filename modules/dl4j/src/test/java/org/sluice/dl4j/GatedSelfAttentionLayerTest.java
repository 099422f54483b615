package org.sluice.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.constraint.NonNegativeConstraint;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.sluice.model.DecoderConfig;
import org.sluice.model.GateConfig;
import org.sluice.model.GatePosition;
import org.sluice.model.GateSource;
import org.sluice.model.Presets;
import org.sluice.model.RopeConfig;

class GatedSelfAttentionLayerTest {

    private static GatedSelfAttentionLayer.Builder small() {
        return new GatedSelfAttentionLayer.Builder().heads(4).headDim(2);
    }

    @ParameterizedTest
    @MethodSource("org.sluice.dl4j.SluiceAgreementTest#models")
    void allSettingsSurviveJsonAndYaml(DecoderConfig model) {
        MultiLayerConfiguration configuration = new NeuralNetConfiguration.Builder()
                .list()
                .layer(GatedSelfAttentionLayer.builderFor(model, 1).build())
                .setInputType(InputType.recurrent(model.hidden()))
                .build();

        MultiLayerConfiguration fromJson = MultiLayerConfiguration.fromJson(configuration.toJson());
        MultiLayerConfiguration fromYaml = MultiLayerConfiguration.fromYaml(configuration.toYaml());

        assertThat(fromJson).isEqualTo(configuration).hasSameHashCodeAs(configuration);
        assertThat(fromYaml).isEqualTo(configuration);
        GatedSelfAttentionLayer layer =
                (GatedSelfAttentionLayer) fromJson.getConf(0).getLayer();
        assertThat(layer.settings()).isEqualTo(AttentionSettings.of(model));
        assertThat(layer.getLayerName()).isEqualTo("model.layers.1.self_attn");
    }

    @Test
    void layersThatDifferInOneSettingAreNotEqual() {
        GatedSelfAttentionLayer layer = small().hidden(8).build();
        assertThat(layer).isEqualTo(small().hidden(8).build());
        assertThat(layer).isNotEqualTo(small().hidden(6).build());
        assertThat(layer).isNotEqualTo(small().hidden(8).name("other").build());
        assertThat(layer)
                .isNotEqualTo(
                        small().hidden(8).modifiers(GateConfig.SDPA_HEADWISE).build());
    }

    @Test
    void whatIsNotGivenHasADefault() {
        assertThat(small().build().settings())
                .isEqualTo(new AttentionSettings(
                        AttentionSettings.UNKNOWN,
                        4,
                        4,
                        2,
                        RopeConfig.of(10_000),
                        Presets.TINY.normEpsilon(),
                        List.of()));
    }

    @Test
    void theHiddenSizeIsThatOfTheInput() {
        MultiLayerNetwork network = Networks.of(DataType.FLOAT, 6, small().build());
        assertThat(network.getParam("0_qProj").shape()).containsExactly(8, 6);
        assertThat(network.output(Nd4j.rand(2, 6, 3)).shape()).containsExactly(2, 6, 3);
        assertThat(network.output(Nd4j.rand(1, 6, 9)).shape()).containsExactly(1, 6, 9);
    }

    @Test
    void initialValuesAreThoseOfTheirKind() {
        MultiLayerNetwork network = Networks.of(
                DataType.DOUBLE,
                64,
                small().headDim(16)
                        .modifiers(
                                GateConfig.SDPA_ELEMENTWISE.startingFromZero(),
                                GateConfig.headwise(GatePosition.VALUE),
                                GateConfig.elementwise(GatePosition.QUERY).from(GateSource.LEARNED))
                        .weightInit(WeightInit.LECUN_NORMAL)
                        .build());
        Map<String, INDArray> parameters = network.paramTable();
        assertThat(parameters.get("0_qNorm")).isEqualTo(Nd4j.ones(DataType.DOUBLE, 16));
        assertThat(parameters.get("0_gateProj")).isEqualTo(Nd4j.zeros(DataType.DOUBLE, 64, 64));
        assertThat(parameters.get("0_queryGateProj")).isEqualTo(Nd4j.zeros(DataType.DOUBLE, 64, 1));
        assertThat(parameters.get("0_kProj").stdNumber().doubleValue()).isBetween(0.11, 0.14);
        assertThat(parameters.get("0_valueGateProj").stdNumber().doubleValue()).isBetween(0.08, 0.17);
        assertThat(network.getLayer(0)
                        .conf()
                        .getLayer()
                        .initializer()
                        .biasKeys(network.getLayer(0).conf().getLayer()))
                .containsExactly("qNorm", "kNorm", "queryGateProj");
    }

    @Test
    void aLayerOfADecoderStartsFromItsDistribution() {
        DecoderConfig model = Presets.TINY.change().hidden(128).layers(8).build();
        MultiLayerNetwork network = Networks.of(
                DataType.DOUBLE,
                128,
                GatedSelfAttentionLayer.builderFor(model, 7).build());
        double deviation = model.initialStandardDeviation();
        assertThat(network.getParam("0_qProj").stdNumber().doubleValue()).isBetween(0.9 * deviation, 1.1 * deviation);
        assertThat(network.getParam("0_oProj").stdNumber().doubleValue())
                .isBetween(0.9 * deviation / 4, 1.1 * deviation / 4);
        assertThatThrownBy(() -> GatedSelfAttentionLayer.builderFor(model, 8))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("8");
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        assertThatThrownBy(
                        () -> new GatedSelfAttentionLayer.Builder().headDim(4).build())
                .hasMessage("heads (0) must be at least 1");
        assertThatThrownBy(() -> new GatedSelfAttentionLayer.Builder().heads(4).build())
                .hasMessage("headDim (0) must be at least 1");
        assertThatThrownBy(() -> small().kvHeads(3).build()).hasMessage("heads (4) must be divisible by kvHeads (3)");
        assertThatThrownBy(() -> small().hidden(-2).build()).hasMessage("hidden (-2) must be at least 1");
        assertThatThrownBy(() -> small().headDim(3).build()).hasMessageStartingWith("headDim (3) must be even");
        assertThatThrownBy(() -> small().modifiers(GateConfig.SDPA_ELEMENTWISE, GateConfig.SDPA_HEADWISE)
                        .build())
                .hasMessageStartingWith("two modifiers of attention at one position");
        assertThatThrownBy(() -> small().dropOut(0.5).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("put a DropoutLayer before it");
        assertThatThrownBy(() ->
                        small().constrainWeights(new NonNegativeConstraint()).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("leave them out");
    }

    @Test
    void inputsThatDoNotFitAreRefused() {
        assertThatThrownBy(() -> Networks.of(
                        DataType.FLOAT, 6, small().hidden(8).name("attention").build()))
                .hasMessageContaining("'attention' has a hidden size of 8, but its input has 6 features")
                .hasMessageContaining("give it hidden(6)");
        NeuralNetConfiguration.ListBuilder untold =
                new NeuralNetConfiguration.Builder().list().layer(small().build());
        assertThatThrownBy(() -> new MultiLayerNetwork(untold.build()).init())
                .hasMessageContaining("does not know its hidden size: give it hidden(...)");
        NeuralNetConfiguration.ListBuilder timeFirst = new NeuralNetConfiguration.Builder()
                .list()
                .layer(new LSTM.Builder().nOut(6).dataFormat(RNNFormat.NWC).build())
                .layer(small().build());
        assertThatThrownBy(() -> timeFirst
                        .setInputType(InputType.recurrent(6, RNNFormat.NWC))
                        .build())
                .hasMessageContaining("(NCW), not InputTypeRecurrent(6,format=NWC)");
        MultiLayerNetwork network = Networks.of(DataType.FLOAT, 6, small().build());
        assertThatThrownBy(() -> network.output(Nd4j.rand(2, 5, 3)))
                .hasMessageContaining("takes input of shape [batch, 6, time], not ");
        assertThatThrownBy(() -> network.output(Nd4j.rand(2, 6)))
                .hasMessageContaining("takes input of shape [batch, 6, time], not ");
        GatedSelfAttentionLayer layer = small().hidden(6).build();
        assertThatThrownBy(() -> layer.validateInput(Nd4j.zeros(DataType.BFLOAT16, 2, 6, 3)))
                .hasMessageContaining("computes in FLOAT or DOUBLE, not in BFLOAT16");
    }
}
