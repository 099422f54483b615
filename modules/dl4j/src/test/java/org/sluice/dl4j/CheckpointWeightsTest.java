package org.sluice.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.sluice.model.DecoderConfig;
import org.sluice.model.GateConfig;
import org.sluice.model.Parameter;
import org.sluice.model.ParameterLayout;
import org.sluice.model.Presets;
import org.sluice.model.SluiceAttention;
import org.sluice.model.checkpoint.Checkpoint;
import org.sluice.tensor.DType;

class CheckpointWeightsTest {
    /** Large enough that no matrix is read at once. */
    private static final DecoderConfig MODEL = Presets.TINY
            .change()
            .layers(2)
            .hidden(1030)
            .heads(16)
            .kvHeads(8)
            .headDim(66)
            .ffn(8)
            .vocabulary(3)
            .modifiers(List.of(GateConfig.SDPA_HEADWISE))
            .build();

    @TempDir
    Path temporary;

    private double[] parameters;
    private Checkpoint checkpoint;

    @BeforeEach
    void write() throws IOException {
        parameters = SluiceAttention.randomParameters(MODEL, Networks.random());
        checkpoint = WrittenCheckpoint.of(MODEL, DType.FLOAT32, parameters, temporary.resolve("round-00000001"));
    }

    private void assertHolds(INDArray found, int layer, String part) {
        Parameter parameter = ParameterLayout.of(MODEL).named("model.layers." + layer + ".self_attn." + part);
        double[] expected = Arrays.stream(parameters, (int) parameter.offset(), (int) parameter.end())
                .map(value -> (float) value)
                .toArray();
        assertThat(found.dup('c').castTo(DataType.DOUBLE).data().asDouble())
                .as(part)
                .isEqualTo(expected);
    }

    @Test
    void eachLayerOfAGraphGetsItsOwnWeights() throws IOException {
        ComputationGraph network = Networks.residual(
                DataType.DOUBLE,
                new Adam(),
                MODEL.hidden(),
                GatedSelfAttentionLayer.builderFor(MODEL, 0).build(),
                GatedSelfAttentionLayer.builderFor(MODEL, 1).build());
        CheckpointWeights weights = new CheckpointWeights(checkpoint);

        weights.copyTo(1, network.getLayer("second"));
        weights.copyTo(0, network.getLayer("first"));

        assertHolds(network.getParam("second_qProj"), 1, "q_proj.weight");
        assertHolds(network.getParam("second_kNorm"), 1, "k_norm.weight");
        assertHolds(network.getParam("first_qProj"), 0, "q_proj.weight");
        assertHolds(network.getParam("first_vProj"), 0, "v_proj.weight");
        assertHolds(network.getParam("first_gateProj"), 0, "gate_proj.weight");
        assertHolds(network.getParam("first_oProj"), 0, "o_proj.weight");
    }

    @Test
    void whatDoesNotFitIsRefusedAndNothingIsWritten() {
        MultiLayerNetwork network = Networks.of(
                DataType.FLOAT,
                MODEL.hidden(),
                GatedSelfAttentionLayer.builderFor(
                                MODEL.change()
                                        .kvHeads(4)
                                        .modifiers(List.of(GateConfig.SDPA_ELEMENTWISE))
                                        .build(),
                                0)
                        .build(),
                Networks.output(3, LossFunctions.LossFunction.MSE, Activation.IDENTITY));
        INDArray before = network.params().dup();
        CheckpointWeights weights = new CheckpointWeights(checkpoint);

        assertThatThrownBy(() -> weights.copyTo(1, network.getLayer(0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("round-00000001")
                .hasMessageContaining("it has k_proj [528, 1030], v_proj [528, 1030], gate_proj [16, 1030] where the"
                        + " network's layer has k_proj [264, 1030], v_proj [264, 1030], gate_proj [1056, 1030]")
                .hasMessageContaining("GatedSelfAttentionLayer.builderFor(checkpoint.model(), 1)");
        assertThatThrownBy(() -> weights.copyTo(2, network.getLayer(0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("has no layer 2; its layers are 0 to 1");
        assertThatThrownBy(() -> weights.copyTo(0, network.getLayer(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not into a RnnOutputLayer");
        assertThat(network.params()).isEqualTo(before);
    }
}
