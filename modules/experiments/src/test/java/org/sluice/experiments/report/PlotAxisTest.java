package org.sluice.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PlotAxisTest {

    @Test
    void sharesLieByTheirSquareRoots() {
        PlotAxis axis = PlotAxis.shares(0.64);

        assertThat(axis.position(0)).isZero();
        assertThat(axis.position(axis.highest())).isEqualTo(1);
        assertThat(axis.position(0.16) / axis.position(0.01)).isCloseTo(4, within(1e-12));
        assertThat(axis.ticks()).extracting(PlotAxis.Tick::label).containsExactly("50%", "20%", "10%", "2%");
        assertThat(PlotAxis.shares(0).ticks())
                .as("with nothing to show")
                .extracting(PlotAxis.Tick::label)
                .containsExactly("2%", "1%", "0.1%");
    }

    @Test
    void sizesOfOneOrderStartAtZero() {
        PlotAxis axis = PlotAxis.sizes("size", 0.2, 0.8);

        assertThat(axis.title()).isEqualTo("size");
        assertThat(axis.position(0)).isZero();
        assertThat(axis.position(0.8)).isBetween(0.8, 1.0);
        assertThat(axis.ticks()).extracting(PlotAxis.Tick::label).containsExactly("0", "0.2", "0.4", "0.6", "0.8");
        assertThat(PlotAxis.sizes("size", 0, 0).position(0))
                .as("nothing but zeros")
                .isZero();
    }

    @Test
    void sizesOfManyOrdersLieByTheirLogarithms() {
        PlotAxis axis = PlotAxis.sizes("size", 0.02, 30);

        assertThat(axis.title()).isEqualTo("size (logarithmic)");
        assertThat(axis.position(0.01)).isZero();
        assertThat(axis.position(10) - axis.position(1))
                .isCloseTo(axis.position(0.1) - axis.position(0.01), within(1e-12));
        assertThat(axis.ticks()).extracting(PlotAxis.Tick::label).containsExactly("0.01", "0.1", "1", "10");
    }

    @Test
    void manyLayersAreLabelledNowAndThen() {
        assertThat(PlotAxis.layers(1).position(0)).isCloseTo(0.5, within(1e-12));
        assertThat(PlotAxis.layers(6).ticks()).hasSize(6);
        assertThat(PlotAxis.layers(48).ticks())
                .extracting(PlotAxis.Tick::label)
                .containsExactly("0", "6", "12", "18", "24", "30", "36", "42");
    }
}
