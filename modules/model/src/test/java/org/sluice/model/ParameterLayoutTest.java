package org.sluice.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ParameterLayoutTest {

    static Stream<DecoderConfig> models() {
        Stream<DecoderConfig> presets = Presets.names().stream().map(Presets::named);
        Stream<DecoderConfig> gated = Stream.of(Presets.TINY, Presets.DENSE_1_7B_28L, Presets.MOE_15A2B)
                .flatMap(model -> RandomModels.modifiers()
                        .map(modifiers -> model.change().modifiers(modifiers).build()));
        return Stream.of(presets, gated, RandomModels.all()).flatMap(models -> models);
    }

    @ParameterizedTest
    @MethodSource("models")
    void theFlatSpaceHasNoGapsAndEveryParameterOnce(DecoderConfig model) {
        ParameterLayout layout = ParameterLayout.of(model);
        Set<String> names = new HashSet<>();
        long end = 0;
        for (Parameter parameter : layout.parameters()) {
            assertThat(parameter.offset()).as(parameter.name()).isEqualTo(end);
            assertThat(names.add(parameter.name())).as(parameter.name()).isTrue();
            assertThat(layout.named(parameter.name())).isSameAs(parameter);
            assertThat(layout.at(parameter.offset())).isSameAs(parameter);
            assertThat(layout.at(parameter.end() - 1)).isSameAs(parameter);
            end = parameter.end();
        }
        assertThat(layout.elements()).isEqualTo(end).isEqualTo(model.parameters());
    }

    @ParameterizedTest
    @MethodSource("models")
    void thePartsAreThoseThatAreCounted(DecoderConfig model) {
        Map<ParameterCounts.Part, Long> sums = new EnumMap<>(ParameterCounts.Part.class);
        Arrays.stream(ParameterCounts.Part.values()).forEach(part -> sums.put(part, 0L));
        long idle = 0;
        for (Parameter parameter : ParameterLayout.of(model).parameters()) {
            sums.merge(part(parameter.name()), parameter.elements(), Long::sum);
            if (parameter.name().contains(".experts.")) {
                int experts = model.mixture().experts();
                idle += parameter.elements()
                        / experts
                        * (experts - model.mixture().chosen());
            }
        }

        ParameterCounts counts = ParameterCounts.of(model);
        assertThat(counts.parts()).isEqualTo(sums);
        assertThat(counts.active()).isEqualTo(counts.total() - idle).isEqualTo(model.activeParameters());
    }

    private static ParameterCounts.Part part(String name) {
        if (name.contains("embed_tokens")) {
            return ParameterCounts.Part.EMBEDDING;
        } else if (name.startsWith("lm_head")) {
            return ParameterCounts.Part.CLASSIFIER;
        } else if (name.matches(".*self_attn[.]([qkvo]_proj|[qk]_norm)[.]weight")) {
            return ParameterCounts.Part.ATTENTION;
        } else if (name.matches(".*self_attn[.](.*gate_proj|sdpa_norm|key_switch|value_switch)[.]weight")) {
            return ParameterCounts.Part.GATES;
        } else if (name.contains("mlp.gate.")) {
            return ParameterCounts.Part.ROUTER;
        } else if (name.matches(".*mlp[.].*_proj[.]weight")) {
            return ParameterCounts.Part.FEED_FORWARD;
        }
        assertThat(name).contains("norm");
        return ParameterCounts.Part.NORMS;
    }

    @ParameterizedTest
    @MethodSource("models")
    void weightDecayAppliesToOneRangeWithAllMatricesAndNothingElse(DecoderConfig model) {
        ParameterLayout layout = ParameterLayout.of(model);
        Set<String> learned = new HashSet<>();
        model.gates().stream()
                .filter(gate -> gate.source() == GateSource.LEARNED)
                .forEach(gate -> IntStream.range(0, model.layers())
                        .forEach(layer -> learned.add(new ParameterNames(layer).gate(gate.position()))));
        for (Parameter parameter : layout.parameters()) {
            boolean matrix = !parameter.name().contains("norm") && !learned.contains(parameter.name());
            assertThat(parameter.decayed()).as(parameter.name()).isEqualTo(matrix);
            assertThat(parameter.end() <= layout.decayedElements())
                    .as(parameter.name())
                    .isEqualTo(matrix);
            assertThat(parameter.initialMean())
                    .as(parameter.name())
                    .isEqualTo(parameter.name().contains("norm") ? 1 : 0);
        }
        assertThat(layout.parameters().stream().map(Parameter::name)).containsAll(learned);
    }

    @ParameterizedTest
    @MethodSource("models")
    void theRangesOfExpertsCoverTheirParametersAndNothingElse(DecoderConfig model) {
        ParameterLayout layout = ParameterLayout.of(model);
        List<ExpertRange> expected = new ArrayList<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            for (String projection : List.of("gate_proj", "up_proj", "down_proj")) {
                for (int expert = 0; expert < model.mixture().experts(); expert++) {
                    Parameter stacked =
                            layout.named("model.layers." + layer + ".mlp.experts." + projection + ".weight");
                    long each = (long) model.ffn() * model.hidden();
                    long from = stacked.offset() + expert * each;
                    expected.add(new ExpertRange(from, from + each, layer, expert));
                }
            }
        }

        assertThat(layout.expertRanges()).isEqualTo(expected);
        for (int index = 1; index < expected.size(); index++) {
            assertThat(expected.get(index).from())
                    .isGreaterThanOrEqualTo(expected.get(index - 1).to());
        }
        assertThat(expected.stream()
                        .mapToLong(range -> range.to() - range.from())
                        .sum())
                .isEqualTo(layout.parameters().stream()
                        .filter(parameter -> parameter.name().contains(".experts."))
                        .mapToLong(Parameter::elements)
                        .sum());
    }

    private static DecoderConfig small(MixtureConfig mixture, boolean sandwich, AttentionModifier... modifiers) {
        return new DecoderConfig(
                1,
                8,
                4,
                2,
                6,
                12,
                mixture,
                32,
                false,
                RopeConfig.of(10_000),
                1e-6,
                0.02,
                List.of(modifiers),
                sandwich,
                0);
    }

    private static List<String> described(DecoderConfig model) {
        return ParameterLayout.of(model).parameters().stream()
                .map(parameter -> parameter.name() + " " + parameter.shape())
                .toList();
    }

    @Test
    void namesAndShapesAreThoseOfHuggingFace() {
        assertThat(described(small(MixtureConfig.DENSE, false, GateConfig.SDPA_ELEMENTWISE)))
                .containsExactly(
                        "model.embed_tokens.weight [32, 8]",
                        "model.layers.0.self_attn.q_proj.weight [24, 8]",
                        "model.layers.0.self_attn.k_proj.weight [12, 8]",
                        "model.layers.0.self_attn.v_proj.weight [12, 8]",
                        "model.layers.0.self_attn.gate_proj.weight [24, 8]",
                        "model.layers.0.self_attn.o_proj.weight [8, 24]",
                        "model.layers.0.mlp.gate_proj.weight [12, 8]",
                        "model.layers.0.mlp.up_proj.weight [12, 8]",
                        "model.layers.0.mlp.down_proj.weight [8, 12]",
                        "lm_head.weight [32, 8]",
                        "model.layers.0.input_layernorm.weight [8]",
                        "model.layers.0.self_attn.q_norm.weight [6]",
                        "model.layers.0.self_attn.k_norm.weight [6]",
                        "model.layers.0.post_attention_layernorm.weight [8]",
                        "model.norm.weight [8]");
    }

    @Test
    void whatVariantsAddHasNamesOfItsOwn() {
        DecoderConfig model = small(
                MixtureConfig.of(5, 2),
                true,
                HeadNorm.SDPA_OUTPUT,
                new SwitchHeads(GatePosition.VALUE, 3, 2),
                GateConfig.headwise(GatePosition.KEY),
                GateConfig.elementwise(GatePosition.QUERY).from(GateSource.SELF),
                GateConfig.elementwise(GatePosition.DENSE_OUTPUT).from(GateSource.LEARNED));

        assertThat(described(model))
                .containsExactly(
                        "model.embed_tokens.weight [32, 8]",
                        "model.layers.0.self_attn.q_proj.weight [24, 8]",
                        "model.layers.0.self_attn.k_proj.weight [12, 8]",
                        "model.layers.0.self_attn.v_proj.weight [36, 8]",
                        "model.layers.0.self_attn.value_switch.weight [6, 8]",
                        "model.layers.0.self_attn.key_gate_proj.weight [2, 8]",
                        "model.layers.0.self_attn.o_proj.weight [8, 24]",
                        "model.layers.0.mlp.gate.weight [5, 8]",
                        "model.layers.0.mlp.experts.gate_proj.weight [5, 12, 8]",
                        "model.layers.0.mlp.experts.up_proj.weight [5, 12, 8]",
                        "model.layers.0.mlp.experts.down_proj.weight [5, 8, 12]",
                        "lm_head.weight [32, 8]",
                        "model.layers.0.input_layernorm.weight [8]",
                        "model.layers.0.self_attn.q_norm.weight [6]",
                        "model.layers.0.self_attn.k_norm.weight [6]",
                        "model.layers.0.self_attn.sdpa_norm.weight [6]",
                        "model.layers.0.self_attn.dense_gate_proj.weight [8, 1]",
                        "model.layers.0.self_attn.sandwich_norm.weight [8]",
                        "model.layers.0.post_attention_layernorm.weight [8]",
                        "model.layers.0.mlp.sandwich_norm.weight [8]",
                        "model.norm.weight [8]");
        assertThat(described(small(
                        MixtureConfig.DENSE,
                        false,
                        GateConfig.SDPA_HEADWISE,
                        GateConfig.headwise(GatePosition.VALUE),
                        GateConfig.elementwise(GatePosition.QUERY),
                        new SwitchHeads(GatePosition.KEY, 2, 1))))
                .contains(
                        "model.layers.0.self_attn.k_proj.weight [24, 8]",
                        "model.layers.0.self_attn.gate_proj.weight [4, 8]",
                        "model.layers.0.self_attn.value_gate_proj.weight [2, 8]",
                        "model.layers.0.self_attn.query_gate_proj.weight [24, 8]",
                        "model.layers.0.self_attn.key_switch.weight [4, 8]");
    }

    @Test
    void whatIsNotThereIsRefusedByName() {
        ParameterLayout layout = ParameterLayout.of(Presets.TINY);

        assertThatThrownBy(() -> layout.named("lm_head.weight")).hasMessageContaining("no parameter 'lm_head.weight'");
        assertThatThrownBy(() -> layout.at(layout.elements())).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> layout.at(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
