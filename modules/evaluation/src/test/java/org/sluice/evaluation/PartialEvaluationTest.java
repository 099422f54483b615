package org.sluice.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.sluice.model.GateConfig;
import org.sluice.model.GatePosition;

class PartialEvaluationTest {

    @Test
    void lossesAreWeightedByTokens() {
        PartialEvaluation small = part(Map.of("java", new LossSum(30, 10, 1)), new LayerSums(1, 10, 4, List.of()));
        PartialEvaluation large = part(
                Map.of("java", new LossSum(10, 10, 2), "prose", new LossSum(160, 80, 3)),
                new LayerSums(27, 30, 2, List.of()));

        EvaluationResult result = small.merge(large).result();

        assertThat(result.heldOutLoss()).isEqualTo(2.0);
        assertThat(result.heldOutPerplexity()).isEqualTo(Math.exp(2));
        assertThat(result.domains().get("java")).isEqualTo(new DomainLoss(2, Math.exp(2), 20));
        assertThat(result.domains().get("prose").loss()).isEqualTo(2.0);
        assertThat(result.tokens()).isEqualTo(100);
        assertThat(result.blocks()).isEqualTo(6);
        assertThat(result.firstTokenAttention()).isCloseTo(0.7, within(1e-15));
        assertThat(result.maxActivation()).isEqualTo(4);
        assertThat(result.meanGateScore()).isEmpty();
    }

    @Test
    void overallFiguresAreMeansOverLayers() {
        PartialEvaluation part = part(
                Map.of("java", new LossSum(1, 1, 1)),
                new LayerSums(2, 10, 100, List.of(gate(1))),
                new LayerSums(4, 10, 50, List.of(gate(3))),
                new LayerSums(6, 10, 30, List.of(gate(2))));

        EvaluationResult result = part.result();

        assertThat(result.firstTokenAttention()).isCloseTo(0.4, within(1e-15));
        assertThat(result.maxActivation()).isEqualTo(60);
        assertThat(result.meanGateScore()).hasValue(0.5);
        assertThat(result.meanGateScorePerLayer()).containsExactly(0.25, 0.75, 0.5);
    }

    @Test
    void theGateScoreIsTheMeanOverAllGates() {
        GateConfig value = GateConfig.elementwise(GatePosition.VALUE);
        PartialEvaluation part = part(
                Map.of("java", new LossSum(1, 1, 1)),
                new LayerSums(2, 10, 100, List.of(gate(1), gate(value, 2))),
                new LayerSums(4, 10, 50, List.of(gate(3), gate(value, 4))));

        EvaluationResult result = part.merge(part).result();

        assertThat(result.gates())
                .extracting(GateFigures::position)
                .containsExactly(GatePosition.SDPA_OUTPUT, GatePosition.VALUE);
        assertThat(result.gates().get(0).meanScore()).isEqualTo(0.5);
        assertThat(result.gates().get(1).meanScorePerLayer()).containsExactly(0.5, 1.0);
        assertThat(result.meanGateScorePerLayer()).containsExactly(0.375, 0.875);
        assertThat(result.meanGateScore()).hasValue(0.625);
    }

    @Test
    void valuesAroundTheGateAddUp() {
        GateSums one = sums(GateConfig.SDPA_ELEMENTWISE, new ValueSums(4, 1, 0, 10));
        GateSums other = sums(GateConfig.SDPA_ELEMENTWISE, new ValueSums(11, 8, 6, 20));

        GateFigures figures = GateFigures.of(List.of(one.plus(other), other));

        for (ValueFigures values : List.of(figures.before(), figures.after(), figures.withMeanScore())) {
            assertThat(values.meanAbsolute()).containsExactly(0.5, 0.55);
            assertThat(values.shareBelowHundredth()).containsExactly(0.3, 0.4);
            assertThat(values.shareBelowThousandth()).containsExactly(0.2, 0.3);
        }
    }

    @Test
    void differentGatesDoNotMerge() {
        PartialEvaluation one = part(Map.of(), new LayerSums(2, 10, 100, List.of(gate(1))));
        PartialEvaluation other =
                part(Map.of(), new LayerSums(2, 10, 100, List.of(gate(GateConfig.elementwise(GatePosition.VALUE), 1))));
        PartialEvaluation none = part(Map.of(), new LayerSums(2, 10, 100, List.of()));

        assertThatThrownBy(() -> one.merge(other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'sdpa_output elementwise'")
                .hasMessageContaining("'value elementwise'");
        assertThatThrownBy(() -> one.merge(none))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 gates")
                .hasMessageContaining("0");
    }

    @Test
    void aNaNInTheModelShows() {
        PartialEvaluation good = part(Map.of("java", new LossSum(1, 1, 1)), new LayerSums(1, 10, 4, List.of()));
        PartialEvaluation bad =
                part(Map.of("java", new LossSum(Double.NaN, 1, 1)), new LayerSums(1, 10, Double.NaN, List.of()));

        EvaluationResult result = good.merge(bad).merge(good).result();

        assertThat(result.heldOutLoss()).isNaN();
        assertThat(result.maxActivationPerLayer().get(0)).isNaN();
    }

    @Test
    void merelyPaddingIsNoResult() {
        PartialEvaluation empty = PartialEvaluation.empty(TinyModel.of(GateConfig.SDPA_ELEMENTWISE));

        assertThat(empty.merge(empty)).isEqualTo(empty);
        assertThatThrownBy(empty::result)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no predicted token in 0 token blocks");
        assertThatThrownBy(() -> empty.merge(PartialEvaluation.empty(
                        TinyModel.of().change().layers(3).build())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2 layers")
                .hasMessageContaining("3 layers");
    }

    @Test
    void travels() throws Exception {
        PartialEvaluation part = part(
                Map.of("java", new LossSum(1, 1, 1), "prose", new LossSum(2, 1, 1)),
                new LayerSums(2, 10, 100, List.of(gate(1))));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream stream = new ObjectOutputStream(bytes)) {
            stream.writeObject(part);
        }
        try (ObjectInputStream stream = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            assertThat(stream.readObject()).isEqualTo(part);
        }
    }

    private static PartialEvaluation part(Map<String, LossSum> domains, LayerSums... layers) {
        return new PartialEvaluation(new TreeMap<>(domains), List.of(layers));
    }

    /** The sums of a gate with four scores. */
    private static GateSums gate(double score) {
        return gate(GateConfig.SDPA_ELEMENTWISE, score);
    }

    private static GateSums gate(GateConfig gate, double score) {
        ValueSums values = new ValueSums(1, 1, 1, 4);
        return new GateSums(gate, score, 4, ScoreHistogram.empty(gate.activation()), values, values, values);
    }

    private static GateSums sums(GateConfig gate, ValueSums values) {
        return new GateSums(gate, 1, 2, ScoreHistogram.empty(gate.activation()), values, values, values);
    }
}
