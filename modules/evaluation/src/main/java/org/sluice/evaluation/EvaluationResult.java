package org.sluice.evaluation;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * The figures of a model on held-out text; see the package for their definitions. Layers are listed from the embedding on.
 *
 * @param heldOutLoss nats a token, averaged over the tokens of all domains
 * @param heldOutPerplexity {@code exp(heldOutLoss)}
 * @param tokens the predicted tokens
 * @param blocks the token blocks
 * @param domains the loss by domain, in the order of their names; a domain in which nothing was predicted is left out
 * @param firstTokenAttention F-Attn: the mean of {@code firstTokenAttentionPerLayer}
 * @param maxActivation M-Act: the mean of {@code maxActivationPerLayer}
 * @param firstTokenAttentionPerLayer the mean probability that queries give to the first token that they may see
 * @param maxActivationPerLayer the largest absolute value of each layer's output
 * @param gates the figures of each gate, in the order of positions; empty without a gate
 */
public record EvaluationResult(
        double heldOutLoss,
        double heldOutPerplexity,
        long tokens,
        long blocks,
        SortedMap<String, DomainLoss> domains,
        double firstTokenAttention,
        double maxActivation,
        List<Double> firstTokenAttentionPerLayer,
        List<Double> maxActivationPerLayer,
        List<GateFigures> gates) {

    public EvaluationResult {
        domains = Collections.unmodifiableSortedMap(new TreeMap<>(domains));
        firstTokenAttentionPerLayer = List.copyOf(firstTokenAttentionPerLayer);
        maxActivationPerLayer = List.copyOf(maxActivationPerLayer);
        gates = List.copyOf(gates);
    }

    /** The mean gate score of all layers and all gates; empty without a gate. */
    public Optional<Double> meanGateScore() {
        return gates.isEmpty() ? Optional.empty() : Optional.of(mean(meanGateScorePerLayer()));
    }

    /** The mean score of all gates of each layer; empty without a gate. */
    public List<Double> meanGateScorePerLayer() {
        List<Double> scores = new ArrayList<>();
        for (int layer = 0; !gates.isEmpty() && layer < maxActivationPerLayer.size(); layer++) {
            int index = layer;
            scores.add(mean(gates.stream()
                    .map(gate -> gate.meanScorePerLayer().get(index))
                    .toList()));
        }
        return scores;
    }

    /**
     * The mean over layers, as the overall figures have it.
     *
     * @param perLayer at least one value
     */
    public static double mean(List<Double> perLayer) {
        // The plain sum in the order of layers: a stream's average would be compensated, and no clearer.
        double sum = 0;
        for (double value : perLayer) {
            sum += value;
        }
        return sum / perLayer.size();
    }

    static EvaluationResult of(PartialEvaluation evaluation) {
        long targets = evaluation.targets();
        if (targets == 0) {
            throw new IllegalStateException("the evaluation has no predicted token in " + evaluation.blocks()
                    + " token blocks; it needs at least one held-out block with a document of two tokens or more");
        }
        SortedMap<String, DomainLoss> domains = new TreeMap<>();
        double sum = 0;
        for (var entry : evaluation.domains().entrySet()) {
            sum += entry.getValue().sum();
            if (entry.getValue().targets() > 0) {
                domains.put(entry.getKey(), DomainLoss.of(entry.getValue()));
            }
        }
        double loss = sum / targets;
        List<LayerSums> layers = evaluation.layers();
        List<Double> attention = perLayer(layers, LayerSums::firstTokenAttention);
        List<Double> activation = perLayer(layers, LayerSums::maxActivation);
        return new EvaluationResult(
                loss,
                Math.exp(loss),
                targets,
                evaluation.blocks(),
                domains,
                mean(attention),
                mean(activation),
                attention,
                activation,
                gates(layers));
    }

    private static List<Double> perLayer(List<LayerSums> layers, ToDoubleFunction<LayerSums> figure) {
        return layers.stream().mapToDouble(figure).boxed().toList();
    }

    private static List<GateFigures> gates(List<LayerSums> layers) {
        List<GateFigures> figures = new ArrayList<>();
        for (int gate = 0; gate < layers.get(0).gates().size(); gate++) {
            int index = gate;
            figures.add(GateFigures.of(
                    layers.stream().map(layer -> layer.gates().get(index)).toList()));
        }
        return figures;
    }
}
