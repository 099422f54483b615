package org.sluice.experiments.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** Numbers as people read them, the same in every country. */
final class Figures {
    /** What stands where there is nothing to tell. */
    static final String NONE = "\u2013";

    private Figures() {}

    /** A count with separators: {@code 5,638,144}. */
    static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** A large count in few characters: {@code 4.92M}, {@code 3.5T}. */
    static String compact(long value) {
        String[] units = {"", "k", "M", "B", "T"};
        int unit = 0;
        double scaled = value;
        while (scaled >= 999.5 && unit < units.length - 1) {
            scaled /= 1000;
            unit++;
        }
        int decimals = unit == 0 || scaled >= 99.95 ? 0 : scaled >= 9.995 ? 1 : 2;
        return decimal(scaled, decimals) + units[unit];
    }

    /** A fixed number of decimals; NaN and infinities by name. */
    static String decimal(double value, int decimals) {
        if (!Double.isFinite(value)) {
            return special(value);
        }
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }

    static String decimal(Optional<Double> value, int decimals) {
        return value.map(number -> decimal(number.doubleValue(), decimals)).orElse(NONE);
    }

    /** A share in per cent with one decimal: {@code 37.5 %}. */
    static String percent(double share) {
        return decimal(100 * share, 1) + (Double.isFinite(share) ? " %" : "");
    }

    /** Four significant digits, or all digits before the point if there are more: {@code 12.34}, {@code 8,192}. */
    static String significant(double value) {
        if (!Double.isFinite(value)) {
            return special(value);
        }
        double size = Math.abs(value);
        if (size >= 1e9 || (size > 0 && size < 1e-3)) {
            return String.format(Locale.ROOT, "%.3e", value);
        }
        int decimals = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3;
        return decimal(value, decimals);
    }

    /** The digits of a round number and no more: {@code 300}, {@code 0.03}. */
    static String plain(double value) {
        return new BigDecimal(value, new MathContext(3)).stripTrailingZeros().toPlainString();
    }

    static String significant(Optional<Double> value) {
        return value.map(number -> significant(number.doubleValue())).orElse(NONE);
    }

    /** A text of at most so many characters; of a longer one both ends remain. */
    static String shortened(String text, int most) {
        int length = text.codePointCount(0, text.length());
        if (length <= most) {
            return text;
        }
        int head = text.offsetByCodePoints(0, most / 2);
        int tail = text.offsetByCodePoints(0, length - (most - most / 2 - 1));
        return text.substring(0, head) + "\u2026" + text.substring(tail);
    }

    /** {@code 1 h 02 min}, {@code 3 min 05 s} or {@code 12 s}. */
    static String duration(double seconds) {
        if (!Double.isFinite(seconds)) {
            return special(seconds);
        }
        Duration duration = Duration.ofSeconds(Math.round(seconds));
        if (duration.toHours() > 0) {
            return String.format(Locale.ROOT, "%d h %02d min", duration.toHours(), duration.toMinutesPart());
        }
        if (duration.toMinutes() > 0) {
            return String.format(Locale.ROOT, "%d min %02d s", duration.toMinutes(), duration.toSecondsPart());
        }
        return duration.toSeconds() + " s";
    }

    private static String special(double value) {
        return Double.isNaN(value) ? "NaN" : value > 0 ? "\u221e" : "-\u221e";
    }
}
