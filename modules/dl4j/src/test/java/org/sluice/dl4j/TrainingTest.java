package org.sluice.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.sluice.model.GateConfig;
import org.sluice.model.GatePosition;
import org.sluice.model.HeadNorm;
import org.sluice.model.SwitchHeads;

/** Networks with the layer learn, and go on learning after they were saved and restored. */
class TrainingTest {
    private static final int TOKENS = 6;

    @TempDir
    Path temporary;

    /** One token of each sequence is marked; from there on every step is to say which token that was. */
    private static DataSet markedTokens(int batch, int length, SplittableRandom random) {
        INDArray features = Nd4j.zeros(batch, TOKENS + 1, length);
        INDArray labels = Nd4j.zeros(batch, TOKENS, length);
        INDArray labelMask = Nd4j.zeros(batch, length);
        for (int sequence = 0; sequence < batch; sequence++) {
            int marked = random.nextInt(length);
            int wanted = random.nextInt(TOKENS);
            for (int t = 0; t < length; t++) {
                int token = t == marked ? wanted : random.nextInt(TOKENS);
                features.putScalar(sequence, token, t, 1);
                if (t >= marked) {
                    labels.putScalar(sequence, wanted, t, 1);
                    labelMask.putScalar(sequence, t, 1);
                }
            }
            features.putScalar(sequence, TOKENS, marked, 1);
        }
        return new DataSet(features, labels, null, labelMask);
    }

    private static void fit(MultiLayerNetwork network, int steps, SplittableRandom random) {
        for (int step = 0; step < steps; step++) {
            network.fit(markedTokens(32, random.nextInt(6, 13), random));
        }
    }

    @Test
    void theMarkedTokenIsLearntAndARestoredNetworkGoesOn() throws IOException {
        SplittableRandom random = Networks.random();
        MultiLayerNetwork network = Networks.of(
                DataType.FLOAT,
                TOKENS + 1,
                new GatedSelfAttentionLayer.Builder()
                        .heads(2)
                        .kvHeads(1)
                        .headDim(8)
                        .modifiers(GateConfig.SDPA_ELEMENTWISE)
                        .build(),
                Networks.output(TOKENS, LossFunctions.LossFunction.MCXENT, Activation.SOFTMAX));
        DataSet heldOut = markedTokens(200, 10, random);

        fit(network, 40, random);

        double early = network.score(heldOut);
        File file = temporary.resolve("network.zip").toFile();
        ModelSerializer.writeModel(network, file, true);
        MultiLayerNetwork restored = ModelSerializer.restoreMultiLayerNetwork(file, true);
        assertThat(restored.getLayerWiseConfigurations()).isEqualTo(network.getLayerWiseConfigurations());
        assertThat(restored.output(heldOut.getFeatures())).isEqualTo(network.output(heldOut.getFeatures()));
        long seed = random.nextLong();
        fit(network, 40, new SplittableRandom(seed));
        fit(restored, 40, new SplittableRandom(seed));
        assertThat(restored.params()).isEqualTo(network.params());
        // What a constant guess has is log(6) = 1.79.
        System.out.println("loss " + early + ", then " + restored.score(heldOut));
        assertThat(early).isLessThan(1);
        assertThat(restored.score(heldOut)).isLessThan(0.5 * early).isLessThan(0.1);
    }

    @Test
    void aGraphOfTwoLayersIsRestoredToTheBit() throws IOException {
        SplittableRandom random = Networks.random();
        ComputationGraph graph = Networks.residual(
                DataType.FLOAT,
                new Adam(0.01),
                5,
                new GatedSelfAttentionLayer.Builder()
                        .heads(2)
                        .headDim(4)
                        .modifiers(HeadNorm.SDPA_OUTPUT, new SwitchHeads(GatePosition.KEY, 3, 2))
                        .build(),
                new GatedSelfAttentionLayer.Builder()
                        .heads(4)
                        .kvHeads(2)
                        .headDim(2)
                        .build());
        INDArray input = Networks.input(3, 5, 7, random).castTo(DataType.FLOAT);
        DataSet data = new DataSet(input, Networks.input(3, 3, 7, random).castTo(DataType.FLOAT));
        graph.fit(data);
        File file = temporary.resolve("graph.zip").toFile();
        ModelSerializer.writeModel(graph, file, true);

        ComputationGraph restored = ModelSerializer.restoreComputationGraph(file, true);

        assertThat(restored.getConfiguration()).isEqualTo(graph.getConfiguration());
        assertThat(restored.outputSingle(input)).isEqualTo(graph.outputSingle(input));
        graph.fit(data);
        restored.fit(data);
        assertThat(restored.params()).isEqualTo(graph.params());
        assertThat(restored.score(data)).isEqualTo(graph.score(data));
    }
}
