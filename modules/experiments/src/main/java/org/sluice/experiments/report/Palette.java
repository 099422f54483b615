package org.sluice.experiments.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * The colours and markers of series: those of Okabe and Ito (2008), which people with any kind of colour blindness can tell apart,
 * darkened where they would be faint on white; on a dark page each has a lighter counterpart.
 */
final class Palette {
    /** The lines behind a chart. */
    static final String GRID = "#e3e5e8";

    private static final List<String> LIGHT =
            List.of("#0072b2", "#d55e00", "#00805e", "#a8477f", "#3a3a3a", "#b07d00", "#2f8fc4", "#7a5cc0");
    private static final List<String> DARK =
            List.of("#5ab4ee", "#ff8a3d", "#2fcf9f", "#e58fc0", "#d0d0d0", "#f0c040", "#9ad4f7", "#b9a3f0");

    /** Numbers of the chart library: filled circle, triangle, square and diamond, then the open ones. */
    private static final List<Integer> SHAPES = List.of(16, 17, 15, 18, 1, 2, 0, 5);

    private static final List<String> MARKERS =
            List.of("\u25cf", "\u25b2", "\u25a0", "\u25c6", "\u25cb", "\u25b3", "\u25a1", "\u25c7");

    private Palette() {}

    /** The colours of so many series on white; beyond eight they repeat, with other markers and broken lines. */
    static List<Object> light(int series) {
        return each(series, index -> LIGHT.get(index % LIGHT.size()));
    }

    /** The markers of so many series. */
    static List<Object> shapes(int series) {
        return each(series, index -> SHAPES.get(markerOf(index)));
    }

    /** The kinds of line of so many series. */
    static List<Object> lines(int series) {
        return each(series, index -> isBroken(index) ? "dashed" : "solid");
    }

    /** The class of a series in the page, which {@link #rules} gives its colour. */
    static String styleClass(int series) {
        return "series-" + series % LIGHT.size();
    }

    /** The line and the marker of a series in the page, the same as in charts. */
    static String marker(int series) {
        return (isBroken(series) ? "\u2504" : "\u2500") + MARKERS.get(markerOf(series));
    }

    /** With the colours anew, filled markers are followed by open ones and the other way round. */
    private static int markerOf(int series) {
        return (series + series / LIGHT.size() * MARKERS.size() / 2) % MARKERS.size();
    }

    private static boolean isBroken(int series) {
        return series / LIGHT.size() % 2 == 1;
    }

    /** Style rules for charts and keys: the page's own colour for a chart's grid, and series that brighten on a dark page. */
    static String rules() {
        StringBuilder dark = new StringBuilder();
        for (int index = 0; index < LIGHT.size(); index++) {
            // The chart library writes the colours of lines in one notation and those of markers in the other.
            for (String colour : List.of(LIGHT.get(index), rgb(LIGHT.get(index)))) {
                for (String property : List.of("stroke", "fill")) {
                    dark.append(".chart [%s=\"%s\"]{%s:%s}\n".formatted(property, colour, property, DARK.get(index)));
                }
            }
        }
        return ".chart [stroke=\"" + rgb(GRID) + "\"]{stroke:var(--grid)}\n" + seriesRules() + onDark(dark);
    }

    /** Style rules that give each series its colour, by {@link #styleClass}. */
    static String seriesRules() {
        StringBuilder light = new StringBuilder();
        StringBuilder dark = new StringBuilder();
        for (int index = 0; index < LIGHT.size(); index++) {
            light.append(".%s{color:%s}\n".formatted(styleClass(index), LIGHT.get(index)));
            dark.append(".%s{color:%s}\n".formatted(styleClass(index), DARK.get(index)));
        }
        return light + onDark(dark);
    }

    private static String onDark(CharSequence rules) {
        return "@media screen and (prefers-color-scheme: dark){\n" + rules + "}\n";
    }

    /** A colour as the chart library writes it into attributes. */
    private static String rgb(String hexadecimal) {
        int value = Integer.parseInt(hexadecimal.substring(1), 16);
        return "rgb(" + (value >> 16) + "," + (value >> 8 & 0xff) + "," + (value & 0xff) + ")";
    }

    private static List<Object> each(int count, IntFunction<Object> value) {
        return new ArrayList<>(IntStream.range(0, count).mapToObj(value).toList());
    }
}
