package org.sluice.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/** A graph for automatic differentiation over the input and the weights of a layer. */
final class LayerGraph {
    final SameDiff sameDiff = SameDiff.create();
    final LayerCase layer;
    final SDVariable input;
    private final Map<String, SDVariable> used = new LinkedHashMap<>();

    LayerGraph(LayerCase layer) {
        this.layer = layer;
        this.input = sameDiff.var("input", array(layer.input, layer.rows(), layer.config.hidden()));
    }

    private INDArray array(Tensor tensor, long... shape) {
        return Nd4j.createFromArray(layer.values(tensor)).reshape(shape);
    }

    /** A weight of the layer: its name without {@code model.layers.0.} and {@code .weight}. */
    SDVariable weight(String part) {
        String name = "model.layers.0." + part + ".weight";
        return used.computeIfAbsent(name, missing -> {
            Tensor value = layer.weights.named(name).value();
            Shape shape = value.shape();
            long[] dimensions =
                    IntStream.range(0, shape.rank()).mapToLong(shape::dimension).toArray();
            return sameDiff.var(name.replace('.', '_'), array(value, dimensions));
        });
    }

    /** {@code x W^T}. */
    SDVariable project(SDVariable x, String part) {
        return sameDiff.mmul(x, weight(part), false, true, false);
    }

    /** RMSNorm over the last dimension, with a weight of the layer. */
    SDVariable normalised(SDVariable x, int rank, String part) {
        SDVariable meanSquare = x.mul(x).mean(true, rank - 1);
        long[] spread = new long[rank];
        Arrays.fill(spread, 1);
        spread[rank - 1] = -1;
        return x.div(sameDiff.math.sqrt(meanSquare.add(layer.config.normEpsilon())))
                .mul(weight(part).reshape(spread));
    }

    /**
     * Compares the layer's branch and all gradients with those of the graph, whose loss is {@code sum(branch * branchGradient)}.
     *
     * @param branch {@code [N, D]}
     * @param otherLosses what else the layer's objective has
     */
    void compare(SDVariable branch, List<SDVariable> otherLosses) {
        SDVariable gradient = sameDiff.constant(
                "branch_gradient", array(layer.branchGradient.rows(), layer.rows(), layer.config.hidden()));
        SDVariable loss = branch.mul(gradient).sum();
        for (SDVariable other : otherLosses) {
            loss = loss.add(other);
        }
        loss.markAsLoss();
        assertClose("branch", layer.block.branch(), branch.eval());
        List<String> names = new ArrayList<>(List.of("input"));
        used.values().forEach(variable -> names.add(variable.name()));
        Map<String, INDArray> expected = sameDiff.calculateGradients(Map.of(), names);
        assertClose("input", layer.inputGradient, expected.get("input"));
        used.forEach((name, variable) ->
                assertClose(name, layer.weights.named(name).gradient(), expected.get(variable.name())));
    }

    private void assertClose(String name, Tensor found, INDArray expected) {
        double[] foundValues = layer.values(found);
        double[] expectedValues = expected.dup('c').data().asDouble();
        assertThat(foundValues).as(name).hasSameSizeAs(expectedValues);
        double largest = 0;
        for (int i = 0; i < foundValues.length; i++) {
            assertThat(foundValues[i])
                    .as("%s element %d", name, i)
                    .isCloseTo(expectedValues[i], offset(1e-9 + 1e-9 * Math.abs(expectedValues[i])));
            largest = Math.max(largest, Math.abs(expectedValues[i]));
        }
        assertThat(largest).as("%s is not all zero", name).isGreaterThan(1e-4);
    }
}
