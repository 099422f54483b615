package org.sluice.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
    void aModelWithoutAGateHasNoScoreAndAnEmptyArray() throws Exception {
        JsonNode baseline = MAPPER.readTree(ReportJson.text(Reports.run(Reports.variant("baseline", false, 3))))
                .at("/variants/baseline");

        assertThat(baseline.get("meanGateScore").isNull()).isTrue();
        assertThat(baseline.get("meanGateScorePerLayer").isEmpty()).isTrue();
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
                null,
                List.of(0.5),
                List.of(Double.NaN),
                List.of());
        VariantReport variant = new VariantReport("v", "", 1, 0, 0, Double.NaN, diverged, Optional.empty(), List.of());

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
    }

    @Test
    void aMissingFigureIsNamed() {
        ObjectNode json = MAPPER.createObjectNode();
        EvaluationJson.write(Reports.evaluation(3, true, "java"), json);
        json.remove("maxActivation");

        assertThatThrownBy(() -> EvaluationJson.read(json)).hasMessageContaining("'maxActivation'");
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
