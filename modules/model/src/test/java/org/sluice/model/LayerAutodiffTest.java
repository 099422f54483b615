package org.sluice.model;

import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;

/** The attention and the feed-forward layer, forward and backward, against ND4J's automatic differentiation of the same layer. */
class LayerAutodiffTest {
    private static final int SEQUENCES = 3;
    private static final int LENGTH = 7;
    private static Backend backend;

    @BeforeAll
    static void open() {
        backend = Backends.open("reference", 2);
    }

    @AfterAll
    static void close() {
        backend.close();
    }

    private static LayerCase randomCase(DecoderConfig config) {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        return new LayerCase(config, RandomModels.batch(config, SEQUENCES, LENGTH, random), backend, random);
    }

    @ParameterizedTest
    @MethodSource("org.sluice.model.RandomModels#all")
    void attentionIsWhatAutomaticDifferentiationGives(DecoderConfig config) {
        try (LayerCase layer = randomCase(config)) {
            AttentionLayer attention = layer.block.attention();
            attention.forward(layer.input);
            attention.backward(layer.branchGradient, layer.input, layer.inputGradient);

            LayerGraph graph = new LayerGraph(layer);
            graph.compare(new AttentionGraph(graph, config, layer.batch).branch(), List.of());
        }
    }

    @ParameterizedTest
    @MethodSource("org.sluice.model.RandomModels#feedForwards")
    void feedForwardIsWhatAutomaticDifferentiationGives(DecoderConfig config) {
        try (LayerCase layer = randomCase(config)) {
            RouterObjective objective = config.mixture().isPresent()
                    ? new RouterObjective(0.4, 0.3, layer.batch.routedCount(), Optional.empty())
                    : RouterObjective.NONE;
            FeedForward feedForward = layer.block.feedForward();
            feedForward.forward(layer.input);
            feedForward.backward(layer.branchGradient, layer.input, layer.inputGradient, objective);

            LayerGraph graph = new LayerGraph(layer);
            FeedForwardGraph layers = new FeedForwardGraph(graph, config);
            graph.compare(layers.branch(), layers.routerLosses(objective));
        }
    }
}
