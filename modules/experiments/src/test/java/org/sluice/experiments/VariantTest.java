package org.sluice.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.sluice.model.DecoderConfig;
import org.sluice.model.GateConfig;
import org.sluice.model.Presets;

class VariantTest {
    private final DecoderConfig base = Presets.named("small");

    @Test
    void theBaselineIsTheModelItself() {
        assertThat(Variant.named("baseline").of(base, true)).isEqualTo(base);
        assertThat(Variant.named("baseline").of(base.withGate(GateConfig.SDPA_HEADWISE), true))
                .isEqualTo(base);
    }

    @Test
    void gatedVariantsAreNarrowedToTheSizeOfTheBaseline() {
        for (String name : new String[] {"sdpa-elementwise", "sdpa-headwise"}) {
            DecoderConfig gated = Variant.named(name).of(base, true);
            long halfAStep = 3L * base.hidden() * base.layers() * Variant.FFN_MULTIPLE / 2;

            assertThat(gated.gate().isPresent()).isTrue();
            assertThat(Math.abs(gated.parameters() - base.parameters()))
                    .as(name)
                    .isLessThanOrEqualTo(halfAStep);
            assertThat(gated.ffn() % Variant.FFN_MULTIPLE).isZero();
        }
    }

    @Test
    void narrowingCanBeSwitchedOff() {
        DecoderConfig gated = Variant.named("sdpa-elementwise").of(base, false);

        assertThat(gated.ffn()).isEqualTo(base.ffn());
        assertThat(gated.parameters() - base.parameters())
                .isEqualTo((long) base.layers() * base.hidden() * base.heads() * base.headDim());
    }

    @Test
    void anUnknownNameIsAnsweredWithTheNearest() {
        assertThatThrownBy(() -> Variant.named("sdpa-elementwis"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'sdpa-elementwis'")
                .hasMessageContaining("did you mean 'sdpa-elementwise' or ")
                .hasMessageContaining("baseline, sdpa-elementwise, sdpa-headwise");
    }
}
