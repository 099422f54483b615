package org.sluice.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DecoderConfigTest {
    private static final AttentionModifier[] NO_GATE = {};
    private static final AttentionModifier[] ELEMENTWISE = {GateConfig.SDPA_ELEMENTWISE};
    private static final AttentionModifier[] HEADWISE = {GateConfig.SDPA_HEADWISE};

    private static DecoderConfig withHeads(int heads, int kvHeads, int headDim) {
        return Presets.TINY
                .change()
                .heads(heads)
                .kvHeads(kvHeads)
                .headDim(headDim)
                .build();
    }

    @Test
    void errorsNameTheValuesAndWhatTheyMustBe() {
        assertThatThrownBy(() -> withHeads(6, 4, 64))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("heads (6) must be divisible by kvHeads (4)");
        assertThatThrownBy(() -> withHeads(4, 4, 3)).hasMessageStartingWith("headDim (3) must be even");
        assertThatThrownBy(() -> withHeads(0, 4, 4)).hasMessage("heads (0) must be at least 1");
        assertThatThrownBy(() -> Presets.TINY.withFfn(-1)).hasMessage("ffn (-1) must be at least 1");
        assertThatThrownBy(() -> Presets.TINY.withVocabulary(0)).hasMessage("vocabulary (0) must be at least 1");
        DecoderConfigBuilder builder = Presets.TINY.change();
        assertThatThrownBy(() -> builder.normEpsilon(Double.NaN).build())
                .hasMessage("normEpsilon (NaN) must be a finite number above 0");
        assertThatThrownBy(() -> Presets.TINY.change().residualClip(-1).build())
                .hasMessage("residualClip (-1.0) must be a finite number above 0");
        assertThatThrownBy(() -> Presets.TINY.change().residualClip(Double.NaN).build())
                .hasMessage("residualClip (NaN) must be a finite number above 0");
        assertThatThrownBy(() -> Presets.TINY.change().mixture(null).build())
                .isInstanceOf(NullPointerException.class)
                .hasMessage("mixture");
    }

    @Test
    void aPositionHasOneModifierAtMostAndTheirOrderIsThatOfThePositions() {
        GateConfig value = GateConfig.headwise(GatePosition.VALUE);
        SwitchHeads switched = new SwitchHeads(GatePosition.VALUE, 4, 2);

        assertThatThrownBy(() -> Presets.TINY.withModifiers(value, GateConfig.SDPA_HEADWISE, switched))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("two modifiers of attention at one position: value headwise and value switch 4top2");
        DecoderConfig model = Presets.TINY.withModifiers(value, GateConfig.SDPA_HEADWISE);
        assertThat(model.modifiers()).containsExactly(GateConfig.SDPA_HEADWISE, value);
        assertThat(model).isEqualTo(Presets.TINY.withModifiers(GateConfig.SDPA_HEADWISE, value));
        assertThat(model.modifierAt(GatePosition.VALUE)).contains(value);
        assertThat(model.modifierAt(GatePosition.KEY)).isEmpty();
        assertThat(Presets.TINY.withModifiers(HeadNorm.SDPA_OUTPUT, switched).gates())
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("org.sluice.model.RandomModels#all")
    void changingNothingGivesTheSameModel(DecoderConfig model) {
        assertThat(model.change().build()).isEqualTo(model);
    }

    static Stream<Arguments> publishedCounts() {
        return Stream.of(
                Arguments.of(Presets.DENSE_1_7B_28L, NO_GATE, 1_720_574_976L),
                // 28 layers x 2048 x 2048, and 28 x 16 x 2048.
                Arguments.of(Presets.DENSE_1_7B_28L, ELEMENTWISE, 1_720_574_976L + 117_440_512L),
                Arguments.of(Presets.DENSE_1_7B_28L, HEADWISE, 1_720_574_976L + 917_504L),
                Arguments.of(Presets.DENSE_1_7B_48L, NO_GATE, 1_705_735_680L),
                // 48 layers x 2048 x 1536, and 48 x 16 x 1536.
                Arguments.of(Presets.DENSE_1_7B_48L, ELEMENTWISE, 1_705_735_680L + 150_994_944L),
                Arguments.of(Presets.DENSE_1_7B_48L, HEADWISE, 1_705_735_680L + 1_179_648L));
    }

    @ParameterizedTest
    @MethodSource("publishedCounts")
    void publishedModelsHaveTheirExactParameterCounts(
            DecoderConfig baseline, AttentionModifier[] gate, long parameters) {
        DecoderConfig model = baseline.withModifiers(gate);

        assertThat(model.parameters()).isEqualTo(parameters);
        assertThat(ParameterLayout.of(model).elements()).isEqualTo(parameters);
    }

    static Stream<Arguments> narrowedSizes() {
        return Stream.of(
                // One unit of FFN is 3 x 2048 x 28 = 172,032 parameters; elementwise costs 682.67 units, headwise 5.33.
                Arguments.of(Presets.DENSE_1_7B_28L, ELEMENTWISE, 1, 5461, 1_720_517_632L),
                Arguments.of(Presets.DENSE_1_7B_28L, ELEMENTWISE, 64, 5440, 1_716_904_960L),
                Arguments.of(Presets.DENSE_1_7B_28L, ELEMENTWISE, 128, 5504, 1_727_915_008L),
                Arguments.of(Presets.DENSE_1_7B_28L, HEADWISE, 1, 6139, 1_720_632_320L),
                Arguments.of(Presets.DENSE_1_7B_28L, HEADWISE, 64, 6144, 1_721_492_480L),
                // One unit is 3 x 1536 x 48 = 221,184; elementwise costs 682.67 units, headwise 5.33.
                Arguments.of(Presets.DENSE_1_7B_48L, ELEMENTWISE, 1, 3925, 1_705_661_952L),
                Arguments.of(Presets.DENSE_1_7B_48L, ELEMENTWISE, 64, 3904, 1_701_017_088L),
                Arguments.of(Presets.DENSE_1_7B_48L, HEADWISE, 1, 4603, 1_705_809_408L),
                Arguments.of(Presets.DENSE_1_7B_48L, HEADWISE, 64, 4608, 1_706_915_328L),
                Arguments.of(Presets.SMALL, ELEMENTWISE, 16, 432, -1L),
                Arguments.of(Presets.SMALL, NO_GATE, 16, 512, Presets.SMALL.parameters()));
    }

    @ParameterizedTest
    @MethodSource("narrowedSizes")
    void narrowingComesNearestToTheBaseline(
            DecoderConfig baseline, AttentionModifier[] gate, int multiple, int ffn, long parameters) {
        DecoderConfig narrowed = baseline.withModifiers(gate).narrowedTo(baseline.parameters(), multiple);

        assertThat(narrowed.ffn()).isEqualTo(ffn);
        if (parameters > 0) {
            assertThat(narrowed.parameters()).isEqualTo(parameters);
        }
        assertThat(narrowed).isEqualTo(baseline.withModifiers(gate).withFfn(ffn));
        for (int other = multiple; other <= baseline.ffn(); other += multiple) {
            assertThat(distance(baseline, narrowed))
                    .as("ffn %d is no nearer than %d", other, ffn)
                    .isLessThanOrEqualTo(distance(baseline, narrowed.withFfn(other)));
        }
    }

    private static long distance(DecoderConfig baseline, DecoderConfig model) {
        return Math.abs(baseline.parameters() - model.parameters());
    }

    @Test
    void narrowingKeepsAnOddSizeThatIsAlreadyNearest() {
        DecoderConfig odd = Presets.TINY.withFfn(250);

        assertThat(odd.narrowedTo(odd.parameters(), 64)).isEqualTo(odd);
        assertThat(odd.narrowedTo(odd.withFfn(1).parameters(), 64).ffn()).isEqualTo(64);
        assertThat(odd.narrowedTo(odd.withFfn(96).parameters(), 64).ffn())
                .as("of two equally near sizes the smaller")
                .isEqualTo(64);
    }

    @Test
    void narrowingThatCannotBeIsRefused() {
        DecoderConfig model = Presets.TINY;

        assertThatThrownBy(() -> model.narrowedTo(model.parameters() + 1, 8)).hasMessageContaining("which is more");
        assertThatThrownBy(() -> model.narrowedTo(1000, 8)).hasMessageContaining("cannot be narrowed to 1000");
        assertThatThrownBy(() -> model.narrowedTo(model.parameters(), 0)).hasMessage("multiple (0) must be at least 1");
    }

    /** One unit of the experts' size is 3 x 2048 x 24 x 128 parameters; G1 elementwise costs 10.67 of them. */
    @Test
    void narrowingAMixtureNarrowsEveryExpert() {
        DecoderConfig baseline = Presets.MOE_15A2B;
        DecoderConfig gated = baseline.withModifiers(GateConfig.SDPA_ELEMENTWISE);

        assertThat(gated.parameters() - baseline.parameters()).isEqualTo(24L * 4096 * 2048);
        assertThat(gated.narrowedTo(baseline.parameters(), 1).ffn()).isEqualTo(757);
        assertThat(gated.narrowedTo(baseline.parameters(), 16).ffn()).isEqualTo(752);
    }

    @Test
    void countsThatDoNotFitALongAreRefused() {
        DecoderConfig huge = Presets.MOE_15A2B
                .change()
                .layers(1 << 20)
                .hidden(1 << 20)
                .ffn(1 << 20)
                .mixture(MixtureConfig.of(1 << 20, 1))
                .build();

        assertThatThrownBy(huge::parameters).isInstanceOf(ArithmeticException.class);
    }

    @Test
    void sizesOfPresetsArePinned() {
        assertThat(Presets.names().stream().map(Presets::named).map(DecoderConfig::parameters))
                .isEqualTo(List.of(
                        853_376L,
                        5_640_192L,
                        13_768_320L,
                        43_792_384L,
                        1_720_574_976L,
                        1_705_735_680L,
                        15_577_227_264L));
    }

    @ParameterizedTest
    @MethodSource("org.sluice.model.RandomModels#all")
    void aConfigurationTravelsBetweenMachines(DecoderConfig model) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(model);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            assertThat(in.readObject()).isEqualTo(model);
        }
    }
}
