package org.sluice.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.sluice.evaluation.DomainLoss;
import org.sluice.evaluation.EvaluationResult;

class ReportJsonTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @Test
    void hasTheKeysThatOthersRelyOn() throws Exception {
        JsonNode report = MAPPER.readTree(
                ReportJson.text(Reports.run(Reports.variant("baseline", false, 3), Reports.variant("gated", true, 3))));

        List<String> variants = new ArrayList<>();
        report.get("variants").fieldNames().forEachRemaining(variants::add);
        assertThat(variants).containsExactly("baseline", "gated");
        JsonNode gated = report.at("/variants/gated");
        assertThat(gated.get("parameters").longValue()).isEqualTo(5_638_144);
        assertThat(gated.get("trainTokens").longValue()).isEqualTo(4_915_200);
        assertThat(gated.get("trainSeconds").doubleValue()).isEqualTo(80);
        assertThat(gated.get("tokensPerSecond").doubleValue()).isEqualTo(61_440);
        assertThat(gated.get("heldOutLoss").doubleValue()).isEqualTo(3);
        assertThat(gated.get("heldOutPerplexity").doubleValue()).isEqualTo(Math.exp(3));
        assertThat(gated.get("untrainedPerplexity").doubleValue()).isEqualTo(Math.exp(9));
        assertThat(gated.get("firstTokenAttention").doubleValue()).isEqualTo(0.375);
        assertThat(gated.get("maxActivation").doubleValue()).isEqualTo(20);
        assertThat(gated.get("meanGateScore").doubleValue()).isEqualTo(0.5);
        assertThat(gated.get("firstTokenAttentionPerLayer").toString()).isEqualTo("[0.25,0.5]");
        assertThat(gated.get("maxActivationPerLayer").toString()).isEqualTo("[10.0,30.0]");
        assertThat(gated.get("meanGateScorePerLayer").toString()).isEqualTo("[0.25,0.75]");
        assertThat(gated.at("/domains/java/loss").doubleValue()).isEqualTo(3.25);
        assertThat(gated.at("/domains/java/tokens").longValue()).isEqualTo(1000);
        JsonNode provenance = report.get("provenance");
        for (String key : List.of("jobFile", "sluice", "spark", "nd4j", "java", "datasetHash")) {
            assertThat(provenance.get(key).textValue()).as(key).isNotBlank();
        }
        assertThat(provenance.at("/seeds/training").longValue()).isEqualTo(42);
        assertThat(provenance.at("/backend/0").textValue()).isEqualTo("cpu");
        assertThat(provenance.get("hostCores").intValue()).isEqualTo(2);
    }

    @Test
    void everyGateHasItsFigures() throws Exception {
        JsonNode variant = MAPPER.readTree(ReportJson.text(Reports.run(Reports.mixture("experts", 3, 1))))
                .at("/variants/experts");

        assertThat(variant.get("parameters").longValue()).isEqualTo(15_270_531_072L);
        assertThat(variant.get("activeParameters").longValue()).isEqualTo(2_540_531_072L);
        assertThat(variant.get("gates")).hasSize(2);
        JsonNode value = variant.at("/gates/1");
        assertThat(value.get("position").textValue()).isEqualTo("value");
        assertThat(value.get("granularity").textValue()).isEqualTo("headwise");
        assertThat(value.get("description").textValue()).isEqualTo("value headwise");
        assertThat(value.get("meanScore").doubleValue()).isCloseTo(1.6 / 6, within(1e-15));
        assertThat(value.get("meanScorePerLayer").toString()).isEqualTo("[0.5,0.2,0.4,0.15,0.05,0.3]");
        assertThat(value.get("meanAbsoluteBefore").doubleValue()).isEqualTo(3);
        assertThat(value.get("meanAbsoluteBeforePerLayer").toString()).isEqualTo("[0.5,1.5,2.5,3.5,4.5,5.5]");
        assertThat(value.get("meanAbsoluteAfter").doubleValue()).isCloseTo(0.03, within(1e-15));
        assertThat(value.at("/shareBelow1e-2/before").doubleValue()).isCloseTo(1.625 / 6, within(1e-15));
        assertThat(value.at("/shareBelow1e-2PerLayer/after").toString()).isEqualTo("[0.25,0.5,0.75,1.0,0.25,0.5]");
        assertThat(value.at("/shareBelow1e-3PerLayer/withMeanScore").toString())
                .isEqualTo("[0.03125,0.0625,0.09375,0.125,0.03125,0.0625]");
        assertThat(value.at("/scoreHistogram/lowest").doubleValue()).isZero();
        assertThat(value.at("/scoreHistogram/highest").doubleValue()).isEqualTo(1);
        assertThat(value.at("/scoreHistogram/countsPerLayer")).hasSize(6);
        assertThat(value.at("/scoreHistogram/countsPerLayer/2")).hasSize(50);
        assertThat(value.at("/scoreHistogram/countsPerLayer/0/0").longValue())
                .isEqualTo(Math.round(100_000 * Math.exp(-0.02)));
        double ofBoth = variant.at("/gates/0/meanScore").doubleValue() + 1.6 / 6;
        assertThat(variant.get("meanGateScore").doubleValue()).isCloseTo(ofBoth / 2, within(1e-15));
    }

    @Test
    void aModelWithoutAGateHasNoScoreAndAnEmptyArray() throws Exception {
        JsonNode baseline = MAPPER.readTree(ReportJson.text(Reports.run(Reports.variant("baseline", false, 3))))
                .at("/variants/baseline");

        assertThat(baseline.get("meanGateScore").isNull()).isTrue();
        assertThat(baseline.get("meanGateScorePerLayer").isEmpty()).isTrue();
        assertThat(baseline.get("gates").isEmpty()).isTrue();
    }

    @Test
    void numbersThatJsonCannotWriteAreNull() throws Exception {
        EvaluationResult diverged = new EvaluationResult(
                Double.NaN,
                Double.POSITIVE_INFINITY,
                10,
                1,
                new TreeMap<>(java.util.Map.of("java", new DomainLoss(Double.NaN, Double.NaN, 10))),
                0.5,
                Double.NaN,
                List.of(0.5),
                List.of(Double.NaN),
                List.of());
        VariantReport variant =
                new VariantReport("v", "", 1, 1, 0, 0, Double.NaN, diverged, Optional.empty(), List.of());

        JsonNode json = MAPPER.readTree(ReportJson.text(Reports.run(variant))).at("/variants/v");

        for (String key : List.of("tokensPerSecond", "heldOutLoss", "heldOutPerplexity", "untrainedPerplexity")) {
            assertThat(json.get(key).isNull()).as(key).isTrue();
        }
        assertThat(json.get("maxActivationPerLayer").toString()).isEqualTo("[null]");
    }

    @Test
    void evaluationsComeBackAsTheyWere() {
        for (boolean gated : new boolean[] {false, true}) {
            EvaluationResult result = Reports.evaluation(3.21, gated, "java", Reports.HOSTILE);
            ObjectNode json = MAPPER.createObjectNode();
            EvaluationJson.write(result, json);

            assertThat(EvaluationJson.read(json)).isEqualTo(result);
        }
        EvaluationResult manyGates = Reports.mixture("experts", 0, 1).trained();
        ObjectNode json = MAPPER.createObjectNode();
        EvaluationJson.write(manyGates, json);
        assertThat(EvaluationJson.read(json)).isEqualTo(manyGates);
    }

    @Test
    void aMissingFigureIsNamed() {
        ObjectNode json = MAPPER.createObjectNode();
        EvaluationJson.write(Reports.evaluation(3, true, "java"), json);
        json.remove("maxActivation");

        assertThatThrownBy(() -> EvaluationJson.read(json)).hasMessageContaining("'maxActivation'");
        EvaluationJson.write(Reports.evaluation(3, true, "java"), json);
        ((ObjectNode) json.at("/gates/0")).remove("scoreHistogram");
        assertThatThrownBy(() -> EvaluationJson.read(json)).hasMessageContaining("'scoreHistogram'");
    }

    @Test
    void namesAreUnique() {
        assertThatThrownBy(() -> Reports.run(Reports.variant("a", false, 1), Reports.variant("a", true, 1)))
                .hasMessageContaining("two variants named 'a'");
        assertThatThrownBy(() -> Reports.run()).hasMessageContaining("no variant");
    }

    @Test
    void versionsAreThoseOfTheBuild() {
        assertThat(Provenance.sluiceVersion()).matches("\\d+\\.\\d+\\.\\d+.*");
        assertThat(Provenance.nd4jVersion()).startsWith("1.0.0");
    }
}
