package org.sluice.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;

class FiguresTest {

    @Test
    void significantDigits() {
        assertThat(Figures.significant(12.345)).isEqualTo("12.35");
        assertThat(Figures.significant(1.2345)).isEqualTo("1.235");
        assertThat(Figures.significant(123.45)).isEqualTo("123.5");
        assertThat(Figures.significant(8192.4)).isEqualTo("8,192");
        assertThat(Figures.significant(0)).isEqualTo("0.000");
        assertThat(Figures.significant(0.00012)).isEqualTo("1.200e-04");
        assertThat(Figures.significant(Double.POSITIVE_INFINITY)).isEqualTo("\u221e");
        assertThat(Figures.significant(Double.NaN)).isEqualTo("NaN");
    }

    @Test
    void compactCounts() {
        assertThat(Figures.compact(999)).isEqualTo("999");
        assertThat(Figures.compact(4_915_200)).isEqualTo("4.92M");
        assertThat(Figures.compact(999_999)).isEqualTo("1.00M");
        assertThat(Figures.compact(400_000_000_000L)).isEqualTo("400B");
        assertThat(Figures.compact(3_500_000_000_000L)).isEqualTo("3.50T");
    }

    @Test
    void shares() {
        assertThat(Figures.percent(0.375)).isEqualTo("37.5 %");
        assertThat(Figures.percent(Double.NaN)).isEqualTo("NaN");
    }

    @Test
    void longTextsLoseTheirMiddle() {
        assertThat(Figures.shortened("abcdefg", 7)).isEqualTo("abcdefg");
        assertThat(Figures.shortened("abcdefgh", 7)).isEqualTo("abc\u2026fgh");
        assertThat(Figures.shortened("abcdefgh", 6)).isEqualTo("abc\u2026gh");
    }

    @Test
    void durations() {
        assertThat(Figures.duration(11.6)).isEqualTo("12 s");
        assertThat(Figures.duration(185)).isEqualTo("3 min 05 s");
        assertThat(Figures.duration(3725)).isEqualTo("1 h 02 min");
    }

    @Test
    void numbersLookTheSameInEveryCountry() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.GERMANY);
            assertThat(Figures.decimal(1234.5, 2)).isEqualTo("1,234.50");
            assertThat(Figures.plain(0.03)).isEqualTo("0.03");
            assertThat(Figures.plain(300)).isEqualTo("300");
        } finally {
            Locale.setDefault(before);
        }
    }
}
