package org.sluice.dl4j;

import java.util.SplittableRandom;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/** Small networks and random inputs. */
final class Networks {
    private Networks() {}

    /** A source of random numbers whose seed stands in the test's output. */
    static SplittableRandom random() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        return new SplittableRandom(seed);
    }

    /** A network whose input has {@code features} features. */
    static MultiLayerNetwork of(DataType type, int features, Layer... layers) {
        NeuralNetConfiguration.ListBuilder list = new NeuralNetConfiguration.Builder()
                .seed(1)
                .dataType(type)
                .updater(new Adam(0.02))
                .list();
        for (Layer layer : layers) {
            list.layer(layer);
        }
        MultiLayerNetwork network = new MultiLayerNetwork(
                list.setInputType(InputType.recurrent(features)).build());
        network.init();
        return network;
    }

    /** Two layers with residual adds and an output of 3 values for each step. */
    static ComputationGraph residual(DataType type, IUpdater updater, int features, Layer first, Layer second) {
        ComputationGraph network = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(1)
                .dataType(type)
                .updater(updater)
                .graphBuilder()
                .addInputs("input")
                .setInputTypes(InputType.recurrent(features))
                .addLayer("first", first, "input")
                .addVertex("stream", new ElementWiseVertex(ElementWiseVertex.Op.Add), "input", "first")
                .addLayer("second", second, "stream")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "stream", "second")
                .addLayer("output", output(3, LossFunctions.LossFunction.MSE, Activation.IDENTITY), "sum")
                .setOutputs("output")
                .build());
        network.init();
        return network;
    }

    static RnnOutputLayer output(int values, LossFunctions.LossFunction loss, Activation activation) {
        return new RnnOutputLayer.Builder(loss)
                .nOut(values)
                .activation(activation)
                .build();
    }

    /** Values in -2..2: {@code [B, D, T]}, in double precision. */
    static INDArray input(int batch, int hidden, int length, SplittableRandom random) {
        double[] values = random.doubles((long) batch * hidden * length, -2, 2).toArray();
        return Nd4j.createFromArray(values).reshape(batch, hidden, length);
    }

    /** {@code [B, D, T]} as Sluice has it: {@code [N, D]}. */
    static double[] rows(INDArray recurrent) {
        return recurrent
                .castTo(DataType.DOUBLE)
                .permute(0, 2, 1)
                .dup('c')
                .reshape(recurrent.length())
                .toDoubleVector();
    }
}
