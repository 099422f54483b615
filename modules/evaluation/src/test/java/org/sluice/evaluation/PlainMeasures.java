package org.sluice.evaluation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.sluice.model.DecoderConfig;
import org.sluice.model.ForwardObserver;
import org.sluice.model.GateConfig;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Tensor;

/**
 * The slow, obvious twin of what an {@link Evaluator} measures at each layer, for one sequence at a time: the softmax over all visible
 * keys, written out, and loops over the rows that are real.
 */
final class PlainMeasures implements ForwardObserver {
    /** All that was seen at one layer. */
    static final class Layer {
        final List<Double> firstTokenProbabilities = new ArrayList<>();
        final Map<GateConfig, PlainGate> gates = new HashMap<>();
        double maxActivation;
    }

    final List<Layer> layers = new ArrayList<>();
    private final Backend backend;
    private final DecoderConfig model;
    private int realTokens;
    private int[] documentOf;

    PlainMeasures(Backend backend, DecoderConfig model) {
        this.backend = backend;
        this.model = model;
        for (int layer = 0; layer < model.layers(); layer++) {
            layers.add(new Layer());
        }
    }

    /**
     * @param tokens how many tokens of the next sequence come before its padding
     * @param starts for each of its tokens where that token's document starts
     */
    void startBlock(int tokens, int[] starts) {
        this.realTokens = tokens;
        this.documentOf = starts;
    }

    @Override
    public void attention(int layer, Tensor query, Tensor key, Tensor logSumExp, Tensor firstVisible, double scale) {
        double[] q = backend.memory().readDoubles(query);
        double[] k = backend.memory().readDoubles(key);
        for (int token = 0; token < realTokens; token++) {
            for (int head = 0; head < model.heads(); head++) {
                int kvHead = head / (model.heads() / model.kvHeads());
                double ofFirst = 0;
                double ofAll = 0;
                for (int seen = documentOf[token]; seen <= token; seen++) {
                    double score = 0;
                    for (int e = 0; e < model.headDim(); e++) {
                        score += q[(token * model.heads() + head) * model.headDim() + e]
                                * k[(seen * model.kvHeads() + kvHead) * model.headDim() + e];
                    }
                    double weight = Math.exp(score * scale);
                    ofAll += weight;
                    ofFirst += seen == documentOf[token] ? weight : 0;
                }
                layers.get(layer).firstTokenProbabilities.add(ofFirst / ofAll);
            }
        }
    }

    @Override
    public void gate(int layer, GateConfig gate, Tensor logits, Tensor before, Tensor after) {
        layers.get(layer)
                .gates
                .computeIfAbsent(gate, PlainGate::new)
                .add(
                        realTokens,
                        (int) before.shape().dimension(2),
                        (int) before.shape().dimension(3),
                        backend.memory().readDoubles(logits),
                        backend.memory().readDoubles(before),
                        backend.memory().readDoubles(after));
    }

    @Override
    public void layerOutput(int layer, Tensor hidden) {
        double[] values = backend.memory().readDoubles(hidden);
        for (int index = 0; index < realTokens * model.hidden(); index++) {
            layers.get(layer).maxActivation = Math.max(layers.get(layer).maxActivation, Math.abs(values[index]));
        }
    }
}
