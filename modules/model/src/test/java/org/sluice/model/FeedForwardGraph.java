package org.sluice.model;

import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** SwiGLU, and a mixture in which every expert sees every row and a constant mask takes away what was not chosen. */
record FeedForwardGraph(LayerGraph graph, DecoderConfig config) {

    /** What the layer adds to the stream {@code [N, D]}. */
    SDVariable branch() {
        SDVariable out = config.mixture().isPresent()
                ? mixture()
                : graph.project(activated("mlp.gate_proj", "mlp.up_proj", config.ffn()), "mlp.down_proj");
        return config.sandwichNorm() ? graph.normalised(out, 2, "mlp.sandwich_norm") : out;
    }

    private SDVariable mixture() {
        SameDiff sameDiff = graph.sameDiff;
        int rows = graph.layer.rows();
        int experts = config.mixture().experts();
        int width = experts * config.ffn();
        SDVariable chosen = probabilities().mul(mask());
        SDVariable weights = config.mixture().normalised()
                // Nothing is chosen in a row that is not routed.
                ? chosen.div(sum(chosen).add(sameDiff.constant("unrouted", routed().rsub(1))))
                : chosen;
        SDVariable weighted = activated("mlp.experts.gate_proj", "mlp.experts.up_proj", width)
                .reshape(rows, experts, config.ffn())
                .mul(weights.reshape(rows, experts, 1))
                .reshape(rows, width);
        SDVariable down = graph.weight("mlp.experts.down_proj").permute(0, 2, 1).reshape(width, config.hidden());
        return sameDiff.mmul(weighted, down);
    }

    private SDVariable activated(String gateName, String upName, int width) {
        SDVariable gate = graph.sameDiff.mmul(
                graph.input, graph.weight(gateName).reshape(width, config.hidden()), false, true, false);
        SDVariable up = graph.sameDiff.mmul(
                graph.input, graph.weight(upName).reshape(width, config.hidden()), false, true, false);
        return gate.mul(graph.sameDiff.nn.sigmoid(gate)).mul(up);
    }

    /** The losses of the router, if there is one: load balance with the shares as constants, and z-loss. */
    List<SDVariable> routerLosses(RouterObjective objective) {
        if (!config.mixture().isPresent()) {
            return List.of();
        }
        INDArray counts = mask().eval().sum(true, 0);
        SDVariable shares = graph.sameDiff.constant("shares", counts.div(counts.sumNumber()));
        SDVariable routed = graph.sameDiff.constant("routed", routed());
        SDVariable probabilities = probabilities().mul(routed).mul(shares).sum();
        SDVariable logSumExp = graph.sameDiff.math.log(sum(graph.sameDiff.math.exp(logits())));
        SDVariable squares = logSumExp.mul(logSumExp).mul(routed).sum();
        return List.of(
                probabilities.mul(
                        objective.loadBalanceWeight() * config.mixture().experts() / objective.rows()),
                squares.mul(objective.zLossWeight() / objective.rows()));
    }

    /** Over experts, as a product, since SameDiff cannot sum a dimension of one: {@code [N, X]} to {@code [N, 1]}. */
    private SDVariable sum(SDVariable x) {
        INDArray ones = Nd4j.ones(DataType.DOUBLE, config.mixture().experts(), 1);
        return graph.sameDiff.mmul(x, graph.sameDiff.constant(ones));
    }

    private SDVariable logits() {
        return graph.project(graph.input, "mlp.gate");
    }

    private SDVariable probabilities() {
        return graph.sameDiff.nn.softmax(logits(), 1);
    }

    /** 1 for the chosen experts of routed rows: {@code [N, X]}. */
    private SDVariable mask() {
        INDArray largest =
                ModifierGraph.largest(probabilities().eval(), config.mixture().chosen());
        return graph.sameDiff.constant(largest.mul(routed().broadcast(largest.shape())));
    }

    /** {@code [N, 1]}. */
    private INDArray routed() {
        TokenBatch batch = graph.layer.batch;
        INDArray routed = Nd4j.zeros(DataType.DOUBLE, graph.layer.rows(), 1);
        for (int row = 0; row < graph.layer.rows(); row++) {
            int first = row / batch.length() * batch.length();
            routed.putScalar(row, 0, new PlainSequence(batch, first).isRouted(row - first) ? 1 : 0);
        }
        return routed;
    }
}
