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

class PartialEvaluationTest {

    @Test
    void lossesAreWeightedByTokens() {
        PartialEvaluation small = part(Map.of("java", new LossSum(30, 10, 1)), new LayerSums(1, 10, 4, 0, 0));
        PartialEvaluation large = part(
                Map.of("java", new LossSum(10, 10, 2), "prose", new LossSum(160, 80, 3)),
                new LayerSums(27, 30, 2, 0, 0));

        EvaluationResult result = small.merge(large).result();

        assertThat(result.heldOutLoss()).isEqualTo(2.0);
        assertThat(result.heldOutPerplexity()).isEqualTo(Math.exp(2));
        assertThat(result.domains().get("java")).isEqualTo(new DomainLoss(2, Math.exp(2), 20));
        assertThat(result.domains().get("prose").loss()).isEqualTo(2.0);
        assertThat(result.tokens()).isEqualTo(100);
        assertThat(result.blocks()).isEqualTo(6);
        assertThat(result.firstTokenAttention()).isCloseTo(0.7, within(1e-15));
        assertThat(result.maxActivation()).isEqualTo(4);
        assertThat(result.gateScore()).isEmpty();
    }

    @Test
    void overallFiguresAreMeansOverLayers() {
        PartialEvaluation part = part(
                Map.of("java", new LossSum(1, 1, 1)),
                new LayerSums(2, 10, 100, 1, 4),
                new LayerSums(4, 10, 50, 3, 4),
                new LayerSums(6, 10, 30, 2, 4));

        EvaluationResult result = part.result();

        assertThat(result.firstTokenAttention()).isCloseTo(0.4, within(1e-15));
        assertThat(result.maxActivation()).isEqualTo(60);
        assertThat(result.meanGateScore()).isEqualTo(0.5);
        assertThat(result.meanGateScorePerLayer()).containsExactly(0.25, 0.75, 0.5);
    }

    @Test
    void aNaNInTheModelShows() {
        PartialEvaluation good = part(Map.of("java", new LossSum(1, 1, 1)), new LayerSums(1, 10, 4, 0, 0));
        PartialEvaluation bad =
                part(Map.of("java", new LossSum(Double.NaN, 1, 1)), new LayerSums(1, 10, Double.NaN, 0, 0));

        EvaluationResult result = good.merge(bad).merge(good).result();

        assertThat(result.heldOutLoss()).isNaN();
        assertThat(result.maxActivationPerLayer().get(0)).isNaN();
    }

    @Test
    void merelyPaddingIsNoResult() {
        PartialEvaluation empty = PartialEvaluation.empty(2);

        assertThat(empty.merge(empty)).isEqualTo(empty);
        assertThatThrownBy(empty::result)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no predicted token in 0 token blocks");
        assertThatThrownBy(() -> empty.merge(PartialEvaluation.empty(3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2 layers")
                .hasMessageContaining("3 layers");
    }

    @Test
    void travels() throws Exception {
        PartialEvaluation part = part(
                Map.of("java", new LossSum(1, 1, 1), "prose", new LossSum(2, 1, 1)), new LayerSums(2, 10, 100, 1, 4));
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
}
