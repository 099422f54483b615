package org.sluice.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PresetsTest {

    static List<String> families() {
        return Presets.families();
    }

    @Test
    void theFamiliesAreThePapersModels() {
        assertThat(Presets.families()).containsExactly("dense-1.7b-28l", "dense-1.7b-48l", "moe-15a2b");
        assertThat(Presets.names())
                .containsExactly("tiny", "small", "bench", "medium", "dense-1.7b-28l", "dense-1.7b-48l", "moe-15a2b");
    }

    /**
     * Embedding and classifier 2 x 151,936 x 2048; a layer's attention 2048 x (2 x 4096 + 2 x 512) + 2 x 128, its 128 experts of 3 x 768 x
     * 2048, its router 128 x 2048 and its norms 2 x 2048; the final norm 2048. Of the experts 120 are idle. The paper calls the model 15A2B
     * and prints 2.54 billion active parameters, which its Table 7 does not add up to.
     */
    @Test
    void theMixtureHasItsExactCounts() {
        long layer = 2048L * (2 * 4096 + 2 * 512) + 2 * 128 + 128L * 3 * 768 * 2048 + 128 * 2048 + 2 * 2048;
        long total = 2L * 151_936 * 2048 + 24 * layer + 2048;

        assertThat(total).isEqualTo(15_577_227_264L);
        assertThat(Presets.MOE_15A2B.parameters()).isEqualTo(total);
        assertThat(Presets.MOE_15A2B.activeParameters())
                .isEqualTo(total - 24L * 120 * 3 * 768 * 2048)
                .isEqualTo(1_987_682_304L);
    }

    @ParameterizedTest
    @MethodSource("families")
    void aFamilyKeepsItsRatios(String name) {
        DecoderConfig full = Presets.named(name, ModelScale.FULL);
        assertThat(Presets.named(name)).isEqualTo(full);
        for (ModelScale scale : ModelScale.values()) {
            DecoderConfig model = Presets.named(name, scale);
            assertThat(model.headsPerKvHead()).as("%s: heads / kvHeads", scale).isEqualTo(full.headsPerKvHead());
            assertThat((long) model.queryWidth() * full.hidden())
                    .as("%s: query width / hidden", scale)
                    .isEqualTo((long) full.queryWidth() * model.hidden());
            assertThat((long) model.ffn() * full.hidden())
                    .as("%s: ffn / hidden", scale)
                    .isEqualTo((long) full.ffn() * model.hidden());
            assertThat(model.mixture().experts() * full.mixture().chosen())
                    .as("%s: experts / chosen", scale)
                    .isEqualTo(full.mixture().experts() * model.mixture().chosen());
            assertThat(model.mixture().isPresent()).isEqualTo(full.mixture().isPresent());
            assertThat(model.tiedEmbedding()).isEqualTo(full.tiedEmbedding());
            assertThat(model.rope()).isEqualTo(full.rope());
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void aSmallerScaleIsASmallerModel(String name) {
        List<Long> parameters = List.of(ModelScale.values()).stream()
                .map(scale -> Presets.named(name, scale).parameters())
                .toList();
        for (int index = 1; index < parameters.size(); index++) {
            assertThat(parameters.get(index - 1)).isGreaterThan(3 * parameters.get(index));
        }
    }

    @Test
    void whatIsNotThereIsAnsweredWithWhatIs() {
        assertThatThrownBy(() -> Presets.named("moe-15b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("there is no model preset 'moe-15b'; did you mean 'moe-15a2b'? (there are: "
                        + String.join(", ", Presets.names()) + ")");
        assertThatThrownBy(() -> Presets.named("bench", ModelScale.TINY))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("scale 'tiny' is not there for the preset 'bench', which has one size only;"
                        + " presets with scales: dense-1.7b-28l, dense-1.7b-48l, moe-15a2b");
        assertThatThrownBy(() -> ModelScale.named("huge"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("there is no scale 'huge' (there are: full, medium, small, tiny)");
        assertThat(ModelScale.named("medium")).isEqualTo(ModelScale.MEDIUM);
    }
}
