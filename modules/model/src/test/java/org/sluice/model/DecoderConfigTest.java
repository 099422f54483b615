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
    private static DecoderConfig withHeads(int heads, int kvHeads, int headDim) {
        return new DecoderConfig(2, 8, heads, kvHeads, headDim, 12, 32, true, 10_000, 1e-6, 0.02, GateConfig.NONE);
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
        assertThatThrownBy(
                        () -> new DecoderConfig(2, 8, 4, 2, 4, 12, 32, true, 10_000, Double.NaN, 0.02, GateConfig.NONE))
                .hasMessage("normEpsilon (NaN) must be a finite number above 0");
        assertThatThrownBy(() -> new DecoderConfig(2, 8, 4, 2, 4, 12, 32, true, 1, 1e-6, 0.02, GateConfig.NONE))
                .hasMessage("ropeBase (1.0) must be a finite number above 1");
    }

    @Test
    void gatesThatDoNotExistAreRefused() {
        assertThatThrownBy(() -> new GateConfig(GatePosition.NONE, GateGranularity.HEADWISE))
                .hasMessageContaining("gate position none does not go with granularity headwise");
        assertThatThrownBy(() -> new GateConfig(GatePosition.SDPA_OUTPUT, GateGranularity.NONE))
                .hasMessageContaining("gate position sdpa_output does not go with granularity none");
        assertThatThrownBy(() -> GatePosition.named("sdpa"))
                .hasMessage("there is no gate position 'sdpa'; there are: none, sdpa_output");
        assertThatThrownBy(() -> GateGranularity.named("rowwise"))
                .hasMessage("there is no gate granularity 'rowwise'; there are: none, elementwise, headwise");
        assertThat(GatePosition.named("sdpa_output")).isEqualTo(GatePosition.SDPA_OUTPUT);
        assertThat(GateGranularity.named("headwise")).isEqualTo(GateGranularity.HEADWISE);
        assertThat(GateConfig.SDPA_ELEMENTWISE).hasToString("sdpa_output elementwise");
        assertThat(GateConfig.NONE).hasToString("none");
    }

    static Stream<Arguments> publishedCounts() {
        return Stream.of(
                Arguments.of(Presets.DENSE_1_7B_28L, GateConfig.NONE, 1_720_574_976L),
                // 28 layers x 2048 x 2048, and 28 x 16 x 2048.
                Arguments.of(Presets.DENSE_1_7B_28L, GateConfig.SDPA_ELEMENTWISE, 1_720_574_976L + 117_440_512L),
                Arguments.of(Presets.DENSE_1_7B_28L, GateConfig.SDPA_HEADWISE, 1_720_574_976L + 917_504L),
                Arguments.of(Presets.DENSE_1_7B_48L, GateConfig.NONE, 1_705_735_680L),
                // 48 layers x 2048 x 1536, and 48 x 16 x 1536.
                Arguments.of(Presets.DENSE_1_7B_48L, GateConfig.SDPA_ELEMENTWISE, 1_705_735_680L + 150_994_944L),
                Arguments.of(Presets.DENSE_1_7B_48L, GateConfig.SDPA_HEADWISE, 1_705_735_680L + 1_179_648L));
    }

    @ParameterizedTest
    @MethodSource("publishedCounts")
    void publishedModelsHaveTheirExactParameterCounts(DecoderConfig baseline, GateConfig gate, long parameters) {
        DecoderConfig model = baseline.withGate(gate);

        assertThat(model.parameters()).isEqualTo(parameters);
        assertThat(ParameterLayout.of(model).elements()).isEqualTo(parameters);
    }

    static Stream<Arguments> narrowedSizes() {
        return Stream.of(
                // One unit of FFN is 3 x 2048 x 28 = 172,032 parameters; elementwise costs 682.67 units, headwise 5.33.
                Arguments.of(Presets.DENSE_1_7B_28L, GateConfig.SDPA_ELEMENTWISE, 1, 5461, 1_720_517_632L),
                Arguments.of(Presets.DENSE_1_7B_28L, GateConfig.SDPA_ELEMENTWISE, 64, 5440, 1_716_904_960L),
                Arguments.of(Presets.DENSE_1_7B_28L, GateConfig.SDPA_ELEMENTWISE, 128, 5504, 1_727_915_008L),
                Arguments.of(Presets.DENSE_1_7B_28L, GateConfig.SDPA_HEADWISE, 1, 6139, 1_720_632_320L),
                Arguments.of(Presets.DENSE_1_7B_28L, GateConfig.SDPA_HEADWISE, 64, 6144, 1_721_492_480L),
                // One unit is 3 x 1536 x 48 = 221,184; elementwise costs 682.67 units, headwise 5.33.
                Arguments.of(Presets.DENSE_1_7B_48L, GateConfig.SDPA_ELEMENTWISE, 1, 3925, 1_705_661_952L),
                Arguments.of(Presets.DENSE_1_7B_48L, GateConfig.SDPA_ELEMENTWISE, 64, 3904, 1_701_017_088L),
                Arguments.of(Presets.DENSE_1_7B_48L, GateConfig.SDPA_HEADWISE, 1, 4603, 1_705_809_408L),
                Arguments.of(Presets.DENSE_1_7B_48L, GateConfig.SDPA_HEADWISE, 64, 4608, 1_706_915_328L),
                Arguments.of(Presets.SMALL, GateConfig.SDPA_ELEMENTWISE, 16, 432, -1L),
                Arguments.of(Presets.SMALL, GateConfig.NONE, 16, 512, Presets.SMALL.parameters()));
    }

    @ParameterizedTest
    @MethodSource("narrowedSizes")
    void narrowingComesNearestToTheBaseline(
            DecoderConfig baseline, GateConfig gate, int multiple, int ffn, long parameters) {
        DecoderConfig narrowed = baseline.withGate(gate).narrowedTo(baseline.parameters(), multiple);

        assertThat(narrowed.ffn()).isEqualTo(ffn);
        if (parameters > 0) {
            assertThat(narrowed.parameters()).isEqualTo(parameters);
        }
        assertThat(narrowed).isEqualTo(baseline.withGate(gate).withFfn(ffn));
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

    @Test
    void presetsAreFoundByNameAndMisspeltOnesSuggestTheNearest() {
        assertThat(Presets.names())
                .containsExactly("tiny", "small", "bench", "medium", "dense-1.7b-28l", "dense-1.7b-48l");
        assertThat(Presets.names().stream().map(Presets::named).map(DecoderConfig::parameters))
                .isEqualTo(List.of(853_376L, 5_640_192L, 13_768_320L, 43_792_384L, 1_720_574_976L, 1_705_735_680L));
        assertThatThrownBy(() -> Presets.named("dense-1.7b-28"))
                .hasMessageStartingWith(
                        "there is no model preset 'dense-1.7b-28'; did you mean 'dense-1.7b-28l'? There are: tiny, ");
    }

    @Test
    void aConfigurationTravelsBetweenMachines() throws Exception {
        DecoderConfig model = Presets.SMALL.withGate(GateConfig.SDPA_HEADWISE);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(model);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            assertThat(in.readObject()).isEqualTo(model);
        }
    }
}
