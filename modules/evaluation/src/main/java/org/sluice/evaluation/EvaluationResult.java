package org.sluice.evaluation;

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
 * @param meanGateScore the mean of {@code meanGateScorePerLayer}; null without a gate
 * @param firstTokenAttentionPerLayer the mean probability that queries give to the first token that they may see
 * @param maxActivationPerLayer the largest absolute value of each layer's output
 * @param meanGateScorePerLayer the mean gate score of each layer; empty without a gate
 */
public record EvaluationResult(
        double heldOutLoss,
        double heldOutPerplexity,
        long tokens,
        long blocks,
        SortedMap<String, DomainLoss> domains,
        double firstTokenAttention,
        double maxActivation,
        Double meanGateScore,
        List<Double> firstTokenAttentionPerLayer,
        List<Double> maxActivationPerLayer,
        List<Double> meanGateScorePerLayer) {

    public EvaluationResult {
        domains = Collections.unmodifiableSortedMap(new TreeMap<>(domains));
        firstTokenAttentionPerLayer = List.copyOf(firstTokenAttentionPerLayer);
        maxActivationPerLayer = List.copyOf(maxActivationPerLayer);
        meanGateScorePerLayer = List.copyOf(meanGateScorePerLayer);
    }

    /** The mean gate score, where the model has a gate. */
    public Optional<Double> gateScore() {
        return Optional.ofNullable(meanGateScore);
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
        List<Double> gate =
                layers.stream().allMatch(LayerSums::gated) ? perLayer(layers, LayerSums::meanGateScore) : List.of();
        return new EvaluationResult(
                loss,
                Math.exp(loss),
                targets,
                evaluation.blocks(),
                domains,
                mean(attention),
                mean(activation),
                gate.isEmpty() ? null : Double.valueOf(mean(gate)),
                attention,
                activation,
                gate);
    }

    private static List<Double> perLayer(List<LayerSums> layers, ToDoubleFunction<LayerSums> figure) {
        return layers.stream().mapToDouble(figure).boxed().toList();
    }

    /** The plain sum in the order of layers, divided; a stream's average would be compensated, and no clearer. */
    private static double mean(List<Double> values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.size();
    }
}
