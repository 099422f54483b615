package org.sluice.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.sluice.tensor.GateActivation;

class ScoreHistogramTest {

    @Test
    void binsReachOverTheScoresOfTheActivation() {
        ScoreHistogram sigmoid = ScoreHistogram.empty(GateActivation.SIGMOID);
        assertThat(sigmoid.bin(0)).isZero();
        assertThat(sigmoid.bin(0.0199)).isZero();
        assertThat(sigmoid.bin(0.0201)).isEqualTo(1);
        assertThat(sigmoid.bin(0.5)).isEqualTo(25);
        assertThat(sigmoid.bin(1)).isEqualTo(49);
        assertThat(ScoreHistogram.empty(GateActivation.NS_SIGMOID).bin(0.5)).isEqualTo(25);
        assertThat(ScoreHistogram.empty(GateActivation.DOUBLE_SIGMOID).bin(1)).isEqualTo(25);
        assertThat(ScoreHistogram.empty(GateActivation.SILU).bin(0)).isEqualTo(25);
    }

    @Test
    void tailsAreInTheEndBins() {
        for (GateActivation unbounded : new GateActivation[] {GateActivation.SILU, GateActivation.IDENTITY}) {
            ScoreHistogram histogram = ScoreHistogram.empty(unbounded);
            assertThat(histogram.bin(-1e300)).isZero();
            assertThat(histogram.bin(Double.NEGATIVE_INFINITY)).isZero();
            assertThat(histogram.bin(1.5)).isEqualTo(49);
            assertThat(histogram.bin(Double.POSITIVE_INFINITY)).isEqualTo(49);
        }
    }

    @Test
    void sharesAddUpToOne() {
        ScoreHistogram empty = ScoreHistogram.empty(GateActivation.SIGMOID);
        long[] counts = new long[ScoreHistogram.BINS];
        counts[0] = 3;
        counts[7] = 1;

        ScoreHistogram histogram = empty.plus(counts).plus(empty);

        assertThat(histogram.shares().get(0)).isEqualTo(0.75);
        assertThat(histogram.shares().get(7)).isEqualTo(0.25);
        assertThat(histogram.shares().get(8)).isZero();
        assertThat(empty.shares()).containsOnly(0.0);
    }
}
