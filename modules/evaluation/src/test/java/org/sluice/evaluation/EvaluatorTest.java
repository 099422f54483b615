package org.sluice.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.data.TokenBlock;
import org.sluice.model.AttentionModifier;
import org.sluice.model.Decoder;
import org.sluice.model.DecoderConfig;
import org.sluice.model.DecoderMode;
import org.sluice.model.ForwardObserver;
import org.sluice.model.GateConfig;
import org.sluice.model.GatePosition;
import org.sluice.model.GateSource;
import org.sluice.model.TokenBatch;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;
import org.sluice.tensor.DType;
import org.sluice.tensor.GateActivation;

class EvaluatorTest {
    private static final int LENGTH = 13;

    static Stream<Arguments> machinesAndModifiers() {
        return Stream.<List<AttentionModifier>>of(
                        List.of(),
                        List.of(GateConfig.SDPA_ELEMENTWISE),
                        List.of(GateConfig.SDPA_HEADWISE),
                        List.of(GateConfig.SDPA_ELEMENTWISE.shared().additive().with(GateActivation.SILU)),
                        List.of(
                                GateConfig.headwise(GatePosition.VALUE),
                                GateConfig.elementwise(GatePosition.KEY).with(GateActivation.NS_SIGMOID),
                                GateConfig.elementwise(GatePosition.QUERY).from(GateSource.LEARNED),
                                GateConfig.elementwise(GatePosition.DENSE_OUTPUT)))
                .flatMap(modifiers -> Stream.of(
                        Arguments.of("reference", DType.FLOAT64, modifiers, 1e-9),
                        Arguments.of("cpu", DType.FLOAT32, modifiers, 2e-4)));
    }

    @ParameterizedTest
    @MethodSource("machinesAndModifiers")
    void agreesWithPlainLoops(String machine, DType dtype, List<AttentionModifier> modifiers, double tolerance) {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        DecoderConfig model = TinyModel.of(modifiers.toArray(AttentionModifier[]::new));
        List<Blocks.Padded> blocks = Blocks.random(8, LENGTH, model.vocabulary(), random, "java", "prose", "scala");
        try (Backend backend = Backends.open(machine, 1);
                Decoder decoder = new Decoder(model, backend, dtype, 3, LENGTH, DecoderMode.EVALUATION);
                Decoder single = new Decoder(model, backend, dtype, 1, LENGTH, DecoderMode.EVALUATION)) {
            double[] parameters = random.doubles(model.parameters(), -0.5, 0.5).toArray();
            backend.memory().writeDoubles(parameters, decoder.parameters());
            backend.memory().writeDoubles(parameters, single.parameters());

            EvaluationResult result = new Evaluator(backend, 3, LENGTH)
                    .evaluate(decoder, tokenBlocks(blocks).iterator())
                    .result();

            assertThat(result.blocks()).isEqualTo(8);
            PlainMeasures plain = plain(backend, model, single, blocks);
            agreesOnLayers(result, plain, tolerance);
            agreesOnGates(result, model, plain, tolerance);
            agreesOnLosses(result, single, blocks, tolerance);
        }
    }

    @Test
    void partsMergeToTheWholeHoweverTheyAreCut() {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        DecoderConfig model = TinyModel.of(GateConfig.SDPA_ELEMENTWISE);
        List<TokenBlock> blocks =
                tokenBlocks(Blocks.random(9, LENGTH, model.vocabulary(), random, "java", "prose", "scala"));
        try (Backend backend = Backends.open("reference", 1);
                Decoder decoder = new Decoder(model, backend, DType.FLOAT64, 2, LENGTH, DecoderMode.EVALUATION)) {
            decoder.initialise(seed);
            Evaluator evaluator = new Evaluator(backend, 2, LENGTH);
            PartialEvaluation whole = evaluator.evaluate(decoder, blocks.iterator());

            int cut = random.nextInt(1, 8);
            PartialEvaluation left =
                    evaluator.evaluate(decoder, blocks.subList(0, cut).iterator());
            PartialEvaluation right =
                    evaluator.evaluate(decoder, blocks.subList(cut, 9).iterator());
            EvaluationResult merged = left.merge(right).result();

            EvaluationResult expected = whole.result();
            assertThat(merged.tokens()).isEqualTo(expected.tokens());
            assertThat(merged.heldOutLoss()).isCloseTo(expected.heldOutLoss(), within(1e-12));
            assertThat(merged.domains().keySet()).containsExactly("java", "prose", "scala");
            assertThat(merged.firstTokenAttention()).isCloseTo(expected.firstTokenAttention(), within(1e-12));
            assertThat(merged.meanGateScore().orElseThrow())
                    .isCloseTo(expected.meanGateScore().orElseThrow(), within(1e-12));
            GateFigures gate = merged.gates().get(0);
            assertThat(gate.histogramPerLayer())
                    .isEqualTo(expected.gates().get(0).histogramPerLayer());
            assertThat(gate.withMeanScore().shareBelowHundredth())
                    .as("a block's mean score does not depend on the blocks beside it")
                    .isEqualTo(expected.gates().get(0).withMeanScore().shareBelowHundredth());
            assertThat(merged.maxActivationPerLayer()).isEqualTo(expected.maxActivationPerLayer());
            assertThat(evaluator.evaluate(decoder, blocks.iterator()))
                    .as("the same again")
                    .isEqualTo(whole);
        }
    }

    @Test
    void noBlocksAndWrongBlocksAreRefused() {
        DecoderConfig model = TinyModel.of();
        try (Backend backend = Backends.open("reference", 1);
                Decoder decoder = new Decoder(model, backend, DType.FLOAT64, 2, LENGTH, DecoderMode.EVALUATION)) {
            Evaluator evaluator = new Evaluator(backend, 2, LENGTH);

            assertThatThrownBy(() -> evaluator.evaluate(decoder, Collections.emptyIterator()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("no held-out blocks");
            TokenBlock shorter = new TokenBlock(7, new int[LENGTH], new int[] {0}, "java");
            assertThatThrownBy(
                            () -> evaluator.evaluate(decoder, List.of(shorter).iterator()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("block 7")
                    .hasMessageContaining("13 tokens")
                    .hasMessageContaining("blocks of 14");
        }
    }

    private static void agreesOnLayers(EvaluationResult result, PlainMeasures plain, double tolerance) {
        double attention = 0;
        double activation = 0;
        int layers = plain.layers.size();
        for (int layer = 0; layer < layers; layer++) {
            PlainMeasures.Layer expected = plain.layers.get(layer);
            double expectedAttention = PlainGate.mean(expected.firstTokenProbabilities);
            assertThat(result.firstTokenAttentionPerLayer().get(layer)).isCloseTo(expectedAttention, within(tolerance));
            assertThat(result.maxActivationPerLayer().get(layer))
                    .isCloseTo(expected.maxActivation, within(tolerance * expected.maxActivation));
            attention += expectedAttention / layers;
            activation += expected.maxActivation / layers;
        }
        assertThat(result.firstTokenAttention()).isCloseTo(attention, within(tolerance));
        assertThat(result.maxActivation()).isCloseTo(activation, within(tolerance * activation));
    }

    private static void agreesOnGates(
            EvaluationResult result, DecoderConfig model, PlainMeasures plain, double tolerance) {
        // In single precision a product of other rows may round a value to the other side of a bound.
        int flips = tolerance < 1e-6 ? 0 : 3;
        assertThat(result.gates()).hasSameSizeAs(model.gates());
        for (int index = 0; index < model.gates().size(); index++) {
            for (int layer = 0; layer < model.layers(); layer++) {
                PlainGate gate = plain.layers.get(layer).gates.get(model.gates().get(index));
                gate.agreesWith(result.gates().get(index), layer, tolerance, flips);
            }
        }
        assertThat(result.meanGateScore().isPresent()).isEqualTo(!model.gates().isEmpty());
    }

    /** Each block alone through a decoder of one sequence. */
    private static void agreesOnLosses(
            EvaluationResult result, Decoder single, List<Blocks.Padded> blocks, double tolerance) {
        double all = 0;
        long allTokens = 0;
        for (String domain : List.of("java", "prose", "scala")) {
            double sum = 0;
            long tokens = 0;
            for (Blocks.Padded padded : blocks) {
                if (padded.block().domain().equals(domain)) {
                    TokenBatch batch = batch(padded.block());
                    sum += single.forward(batch, ForwardObserver.none());
                    tokens += batch.targetCount();
                }
            }
            DomainLoss found = result.domains().get(domain);
            assertThat(found.tokens()).isEqualTo(tokens);
            assertThat(found.loss()).isCloseTo(sum / tokens, within(tolerance));
            assertThat(found.perplexity()).isEqualTo(Math.exp(found.loss()));
            all += sum;
            allTokens += tokens;
        }
        assertThat(result.domains()).hasSize(3);
        assertThat(result.tokens()).isEqualTo(allTokens);
        assertThat(result.heldOutLoss()).isCloseTo(all / allTokens, within(tolerance));
        assertThat(result.heldOutPerplexity()).isEqualTo(Math.exp(result.heldOutLoss()));
    }

    private static PlainMeasures plain(
            Backend backend, DecoderConfig model, Decoder single, List<Blocks.Padded> blocks) {
        PlainMeasures measures = new PlainMeasures(backend, model);
        for (Blocks.Padded padded : blocks) {
            TokenBatch batch = batch(padded.block());
            measures.startBlock(padded.realTokens(), batch.firstVisible());
            single.forward(batch, measures);
        }
        return measures;
    }

    private static TokenBatch batch(TokenBlock block) {
        return TokenBatch.of(1, LENGTH, List.of(block.tokens()), List.of(block.documentStarts()));
    }

    private static List<TokenBlock> tokenBlocks(List<Blocks.Padded> blocks) {
        return blocks.stream().map(Blocks.Padded::block).toList();
    }
}
