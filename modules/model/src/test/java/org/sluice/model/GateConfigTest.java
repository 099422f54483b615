package org.sluice.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sluice.tensor.GateActivation;
import org.sluice.tensor.GateCombine;

class GateConfigTest {
    private static final GateConfig DENSE = GateConfig.elementwise(GatePosition.DENSE_OUTPUT);

    private static void assertRefused(Runnable making, String message) {
        assertThatThrownBy(making::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void gatesThatCannotBeAreRefused() {
        assertRefused(
                () -> GateConfig.headwise(GatePosition.DENSE_OUTPUT),
                "a headwise gate at dense_output: there are no heads behind the output projection");
        assertRefused(DENSE::shared, "a head-shared gate at dense_output: there are no heads there");
        assertRefused(
                GateConfig.SDPA_HEADWISE::shared,
                "a headwise gate that is head-shared: heads share elementwise scores only");
        assertRefused(
                () -> GateConfig.SDPA_HEADWISE.from(GateSource.SELF), "a headwise gate of the gated values themselves");
        assertRefused(
                () -> new GateConfig(
                        GatePosition.VALUE,
                        GateGranularity.ELEMENTWISE,
                        false,
                        GateCombine.MULTIPLICATIVE,
                        GateActivation.SIGMOID,
                        GateSource.LEARNED,
                        GateInitialisation.RANDOM),
                "a learned gate with random initialisation: it starts from zero");
    }

    /** Of all values of all components together: refused exactly where one of the five rules says so. */
    @Test
    void everyOtherCombinationIsAGateOfItsOwnName() {
        List<String> names = new ArrayList<>();
        for (GatePosition position : GatePosition.values()) {
            for (GateGranularity granularity : GateGranularity.values()) {
                for (boolean shared : new boolean[] {false, true}) {
                    for (GateSource source : GateSource.values()) {
                        for (GateInitialisation initialisation : GateInitialisation.values()) {
                            boolean headwise = granularity == GateGranularity.HEADWISE;
                            boolean refused = (position == GatePosition.DENSE_OUTPUT && (headwise || shared))
                                    || (headwise && (shared || source == GateSource.SELF))
                                    || (source == GateSource.LEARNED && initialisation == GateInitialisation.RANDOM);
                            namesOf(position, granularity, shared, source, initialisation, refused, names);
                        }
                    }
                }
            }
        }
        // A gate of its own values has no weight, and so its initialisation makes no other name.
        assertThat(names).hasSize(4 * 10 * (2 * 5 + 3) + 10 * 5).allMatch(name -> !name.isBlank());
        assertThat(names.stream().filter(name -> !name.contains("self"))).doesNotHaveDuplicates();
    }

    private static void namesOf(
            GatePosition position,
            GateGranularity granularity,
            boolean shared,
            GateSource source,
            GateInitialisation initialisation,
            boolean refused,
            List<String> names) {
        for (GateCombine combine : GateCombine.values()) {
            for (GateActivation activation : GateActivation.values()) {
                if (refused) {
                    assertThatThrownBy(() -> new GateConfig(
                                    position, granularity, shared, combine, activation, source, initialisation))
                            .isInstanceOf(IllegalArgumentException.class);
                } else {
                    names.add(new GateConfig(position, granularity, shared, combine, activation, source, initialisation)
                            .toString());
                }
            }
        }
    }

    @Test
    void aGateIsSaidInWords() {
        assertThat(GateConfig.SDPA_ELEMENTWISE).hasToString("sdpa_output elementwise");
        assertThat(GateConfig.headwise(GatePosition.VALUE)).hasToString("value headwise");
        assertThat(GateConfig.elementwise(GatePosition.KEY)
                        .shared()
                        .with(GateActivation.NS_SIGMOID)
                        .additive()
                        .startingFromZero())
                .hasToString("key elementwise head_shared additive ns_sigmoid from_zero");
        assertThat(GateConfig.SDPA_ELEMENTWISE.from(GateSource.LEARNED)).hasToString("sdpa_output elementwise learned");
        assertThat(DENSE.from(GateSource.SELF)).hasToString("dense_output elementwise self");
        assertThat(HeadNorm.SDPA_OUTPUT).hasToString("sdpa_output rms_norm");
        assertThat(new SwitchHeads(GatePosition.VALUE, 8, 2)).hasToString("value switch 8top2");
        assertThat(MixtureConfig.of(128, 8)).hasToString("128 experts top 8");
        assertThat(new MixtureConfig(4, 1, false)).hasToString("4 experts top 1, not normalised");
        assertThat(MixtureConfig.DENSE).hasToString("dense");
    }

    @Test
    void positionsAndGranularitiesAreFoundByName() {
        assertThat(GatePosition.named("sdpa_output")).isEqualTo(GatePosition.SDPA_OUTPUT);
        assertThat(GatePosition.named("dense_output").paperName()).isEqualTo("G5");
        assertThat(GateGranularity.named("headwise")).isEqualTo(GateGranularity.HEADWISE);
        assertThatThrownBy(() -> GatePosition.named("sdpa"))
                .hasMessage(
                        "there is no gate position 'sdpa'; there are: sdpa_output, value, key, query, dense_output");
        assertThatThrownBy(() -> GateGranularity.named("rowwise"))
                .hasMessage("there is no gate granularity 'rowwise'; there are: elementwise, headwise");
    }

    @Test
    void onlyTheGatesOfThePublishedModelsArePublished() {
        assertThat(GateConfig.SDPA_ELEMENTWISE.isPublished()).isTrue();
        assertThat(GateConfig.SDPA_HEADWISE.isPublished()).isTrue();
        assertThat(GateConfig.SDPA_HEADWISE.startingFromZero().isPublished()).isTrue();
        assertThat(GateConfig.SDPA_ELEMENTWISE.shared().isPublished()).isFalse();
        assertThat(GateConfig.SDPA_ELEMENTWISE.additive().isPublished()).isFalse();
        assertThat(GateConfig.SDPA_ELEMENTWISE.with(GateActivation.SILU).isPublished())
                .isFalse();
        assertThat(GateConfig.SDPA_ELEMENTWISE.from(GateSource.SELF).isPublished())
                .isFalse();
        assertThat(GateConfig.headwise(GatePosition.VALUE).isPublished()).isFalse();
    }

    @Test
    void otherModifiersOutOfRangeAreRefused() {
        assertRefused(
                () -> new HeadNorm(GatePosition.VALUE),
                "a norm of heads at value is not offered; the only position is sdpa_output");
        assertRefused(
                () -> new SwitchHeads(GatePosition.QUERY, 2, 1),
                "switch heads at query are not offered; the positions are value and key");
        assertRefused(
                () -> new SwitchHeads(GatePosition.VALUE, 4, 5),
                "switch heads with 4 experts of which 5 are chosen: there must be at least 1 expert, and chosen must be 1..4");
        assertRefused(
                () -> MixtureConfig.of(4, 0),
                "a mixture of 4 experts of which 0 are chosen: there must be at least 1 expert, and chosen must be 1..4");
        assertThatThrownBy(() -> new MixtureConfig(0, 0, true)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> MixtureConfig.of(-1, 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
