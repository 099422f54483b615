package org.sluice.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.model.DecoderConfig;
import org.sluice.model.GateConfig;
import org.sluice.model.MixtureConfig;
import org.sluice.model.ModelScale;
import org.sluice.model.Presets;

class VariantTest {
    private final DecoderConfig base = Presets.named("small");
    private final DecoderConfig mixture = Presets.named("moe-15a2b", ModelScale.TINY);

    static Stream<Variant> variants() {
        return Variant.all().stream();
    }

    @Test
    void theBaselineIsTheModelItself() {
        assertThat(Variant.named("baseline").of(base, true)).isEqualTo(base);
        assertThat(Variant.named("baseline").of(base.withModifiers(GateConfig.SDPA_HEADWISE), true))
                .isEqualTo(base);
    }

    /** What stands where, in the words of the configuration. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sdpa-elementwise         | sdpa_output elementwise",
                "value-elementwise        | value elementwise",
                "key-elementwise          | key elementwise",
                "query-elementwise        | query elementwise",
                "dense-elementwise        | dense_output elementwise",
                "sdpa-headwise            | sdpa_output headwise",
                "value-headwise           | value headwise",
                "sdpa-head-shared         | sdpa_output elementwise head_shared",
                "value-head-shared        | value elementwise head_shared",
                "sdpa-additive-silu       | sdpa_output elementwise additive silu",
                "sdpa-silu                | sdpa_output elementwise silu",
                "sdpa-additive-identity   | sdpa_output elementwise additive identity",
                "sdpa-parameter-free-silu | sdpa_output elementwise self",
                "sdpa-rms-norm            | sdpa_output rms_norm",
                "sdpa-input-independent   | sdpa_output elementwise learned",
                "sdpa-ns-sigmoid          | sdpa_output elementwise ns_sigmoid",
                "sdpa-from-one            | sdpa_output elementwise double_sigmoid from_zero",
                "sdpa-value-elementwise   | sdpa_output elementwise, value elementwise",
                "switch-kv-8top8          | value switch 8top8, key switch 8top8",
                "switch-kv-4top4          | value switch 4top4, key switch 4top4",
                "switch-v-4top4           | value switch 4top4",
                "switch-v-8top2           | value switch 8top2",
                "switch-v-1top1           | value switch 1top1"
            })
    void aNameStandsForItsModifiers(String name, String modifiers) {
        DecoderConfig changed = Variant.named(name).of(base, false);

        assertThat(changed.modifiers().stream().map(Object::toString).collect(Collectors.joining(", ")))
                .isEqualTo(modifiers);
        assertThat(changed.withModifiers()).isEqualTo(base);
    }

    @Test
    void someVariantsChangeTheModelAroundAttention() {
        assertThat(Variant.named("sandwich-norm").of(base, true))
                .isEqualTo(base.change().sandwichNorm(true).build());
        assertThat(Variant.named("residual-clip-300").of(base, true))
                .isEqualTo(base.change().residualClip(300).build());
        assertThat(Variant.named("residual-clip-100").of(base, true))
                .isEqualTo(base.change().residualClip(100).build());
    }

    @ParameterizedTest
    @MethodSource("variants")
    void everyNameHasItsOwnModelOfAMixture(Variant variant) {
        Map<DecoderConfig, List<String>> byModel = Variant.all().stream()
                .collect(Collectors.groupingBy(
                        other -> other.of(mixture, false), Collectors.mapping(Variant::name, Collectors.toList())));

        assertThat(byModel.get(variant.of(mixture, false))).containsExactly(variant.name());
        assertThat(variant.learningRateFactor()).isEqualTo(1);
        assertThat(variant.description()).isNotBlank();
    }

    static Stream<Variant> variantsOfDenseModels() {
        return variants().filter(variant -> !variant.name().equals("more-experts"));
    }

    @ParameterizedTest
    @MethodSource("variantsOfDenseModels")
    void variantsWithMoreParametersAreNarrowedToTheSizeOfTheBaseline(Variant variant) {
        DecoderConfig dense = Presets.named("dense-1.7b-28l", ModelScale.MEDIUM);
        DecoderConfig narrowed = variant.of(dense, true);
        DecoderConfig free = variant.of(dense, false);
        long halfAStep = 3L * dense.hidden() * dense.layers() * Variant.FFN_MULTIPLE / 2;

        if (variant.reference()) {
            assertThat(narrowed).isEqualTo(free);
            assertThat(free.parameters()).isGreaterThan(dense.parameters());
            return;
        }
        assertThat(Math.abs(narrowed.parameters() - dense.parameters())).isLessThanOrEqualTo(halfAStep);
        assertThat(narrowed.ffn() % Variant.FFN_MULTIPLE).isZero();
        assertThat(narrowed.withFfn(dense.ffn())).isEqualTo(free);
        assertThat(narrowed.ffn() < dense.ffn()).isEqualTo(free.parameters() - dense.parameters() > halfAStep);
    }

    @Test
    void theReferencesHaveMore() {
        assertThat(Variant.named("more-kv-heads").of(base, true).kvHeads()).isEqualTo(4);
        assertThat(Variant.named("more-query-heads").of(base, true).heads()).isEqualTo(6);
        DecoderConfig sixHeads = base.change().heads(6).build();
        assertThat(Variant.named("more-query-heads").of(sixHeads, true).heads()).isEqualTo(10);
        assertThat(Variant.named("more-experts").of(mixture, true).mixture()).isEqualTo(MixtureConfig.of(33, 2));
        DecoderConfig four =
                mixture.change().mixture(new MixtureConfig(4, 1, false)).build();
        assertThat(Variant.named("more-experts").of(four, true).mixture()).isEqualTo(new MixtureConfig(5, 1, false));
        assertThatThrownBy(() -> Variant.named("more-experts").of(base, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the variant 'more-experts' needs a model with experts, and this one is dense");
    }

    @Test
    void anUnknownNameIsAnsweredWithTheNearest() {
        assertThatThrownBy(() -> Variant.named("sdpa-elementwis"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'sdpa-elementwis'")
                .hasMessageContaining("did you mean 'sdpa-elementwise' or ")
                .hasMessageContaining("baseline, more-kv-heads");
    }
}
