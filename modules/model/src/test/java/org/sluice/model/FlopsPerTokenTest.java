package org.sluice.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FlopsPerTokenTest {
    private static final DecoderConfig BASE = Presets.named("moe-15a2b", ModelScale.TINY);

    /** 6 layers of 4 x 384 x 384 and 3 x 384 x 1024, and a classifier of 4096 x 384; not its embedding, nor its norms. */
    @Test
    void anUntiedModelIsMultipliedWithAllButItsEmbedding() {
        FlopsPerToken flops = FlopsPerToken.of(Presets.BENCH, 256);

        assertThat(flops.weights()).isEqualTo(6L * (6 * (4 * 384 * 384 + 3 * 384 * 1024) + 4096 * 384));
        assertThat(flops.attention()).isEqualTo(6L * 6 * 256 * 384);
        assertThat(flops.total()).isEqualTo(flops.weights() + flops.attention());
    }

    @Test
    void aTiedTableCountsAsTheClassifier() {
        DecoderConfig tied = Presets.BENCH.change().tiedEmbedding(true).build();

        assertThat(FlopsPerToken.of(tied, 256)).isEqualTo(FlopsPerToken.of(Presets.BENCH, 256));
    }

    @Test
    void ofAMixtureTheChosenExpertsAndTheRouterCount() {
        DecoderConfig dense = BASE.change().mixture(MixtureConfig.DENSE).build();
        long routerAndOneMoreExpert = 3L * (32 * 128 + 3 * 48 * 128);

        assertThat(FlopsPerToken.of(BASE, 64).weights()
                        - FlopsPerToken.of(dense, 64).weights())
                .isEqualTo(6 * routerAndOneMoreExpert);
    }

    static List<AttentionModifier> withoutProducts() {
        return List.of(
                HeadNorm.SDPA_OUTPUT,
                GateConfig.SDPA_ELEMENTWISE.from(GateSource.LEARNED),
                GateConfig.SDPA_ELEMENTWISE.from(GateSource.SELF));
    }

    @ParameterizedTest
    @MethodSource("withoutProducts")
    void modifiersWithoutAProductTakeNothing(AttentionModifier modifier) {
        assertThat(FlopsPerToken.of(BASE.withModifiers(modifier), 64)).isEqualTo(FlopsPerToken.of(BASE, 64));
    }

    @Test
    void gatesAndSwitchHeadsTakeTheirWeights() {
        long gate = 3L * 8 * 32 * 128;
        assertThat(FlopsPerToken.of(BASE.withModifiers(GateConfig.SDPA_ELEMENTWISE), 64)
                        .weights())
                .isEqualTo(FlopsPerToken.of(BASE, 64).weights() + 6 * gate);
        long threeMoreProjectionsAndScores = 3L * (3 * 32 * 128 + 4 * 128);
        assertThat(FlopsPerToken.of(BASE.withModifiers(new SwitchHeads(GatePosition.VALUE, 4, 1)), 64)
                        .weights())
                .isEqualTo(FlopsPerToken.of(BASE, 64).weights() + 6 * threeMoreProjectionsAndScores);
    }
}
