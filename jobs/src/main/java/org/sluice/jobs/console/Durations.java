package org.sluice.jobs.console;

import java.util.Locale;

/** Spans of time in words. */
public final class Durations {
    private Durations() {}

    /** {@code 12 s}, {@code 3 min 20 s}, {@code 5 h 12 min}. */
    public static String words(double seconds) {
        long whole = Math.round(seconds);
        if (whole < 60) {
            return whole + " s";
        }
        if (whole < 3600) {
            return String.format(Locale.ROOT, "%d min %02d s", whole / 60, whole % 60);
        }
        return String.format(Locale.ROOT, "%d h %02d min", whole / 3600, whole / 60 % 60);
    }
}
