package org.sluice.experiments.report;

import java.util.List;
import java.util.Locale;

/**
 * One small drawing of many alike ones, as an SVG element that takes its colours from the page. Charts by the chart library take ten
 * times the space in the file.
 */
final class SmallPlot {
    private static final double LEFT = 34;
    private static final double RIGHT = 12;
    private static final double TOP = 18;
    private static final double BOTTOM = 30;
    private static final double LEAST_BAR = 0.8;

    private final HtmlWriter svg = new HtmlWriter();
    private final HtmlWriter marks = new HtmlWriter();
    private final PlotAxis x;
    private final PlotAxis y;
    private final double width;
    private final double height;

    /**
     * @param width in pixels at full size
     * @param height in pixels at full size
     */
    SmallPlot(PlotAxis x, PlotAxis y, double width, double height) {
        this.x = x;
        this.y = y;
        this.width = width;
        this.height = height;
    }

    /** Bars of equal width side by side over the whole axis; one that is not 0 is at least visible. */
    SmallPlot bars(List<Double> heights) {
        StringBuilder path = new StringBuilder();
        double barWidth = (width - LEFT - RIGHT) / heights.size();
        double bottom = height - BOTTOM;
        for (int index = 0; index < heights.size(); index++) {
            if (heights.get(index) > 0) {
                double top = Math.min(bottom - LEAST_BAR, down(heights.get(index)));
                path.append(
                        format("M%.1f %.1fV%.1fh%.1fV%.1fz", LEFT + index * barWidth, bottom, top, barWidth, bottom));
            }
        }
        marks.element("path", List.of("class", "bars", "d", path.toString()), "");
        return this;
    }

    /** A vertical line across the drawing. */
    SmallPlot rule(double at) {
        marks.element(
                "path", List.of("class", "rule", "d", format("M%.1f %.1fV%.1f", across(at), TOP, height - BOTTOM)), "");
        return this;
    }

    /** A line with a mark at each point; points that are not finite are left out. */
    SmallPlot line(String styleClass, Series series) {
        StringBuilder path = new StringBuilder();
        for (Series.Point point : series.points()) {
            path.append(format("%s%.1f %.1f", path.isEmpty() ? "M" : "L", across(point.x()), down(point.y())));
        }
        marks.element("path", List.of("class", styleClass, "d", path.toString()), "");
        for (Series.Point point : series.points()) {
            String centreX = format("%.1f", across(point.x()));
            String centreY = format("%.1f", down(point.y()));
            marks.element("circle", List.of("class", styleClass, "cx", centreX, "cy", centreY, "r", "3"), "");
        }
        return this;
    }

    /** The drawing under a title. */
    String svg(String title) {
        String box = format("0 0 %.0f %.0f", width, height);
        List<String> attributes = List.of("class", "small", "viewBox", box, "role", "img", "aria-label", title);
        svg.element("svg", attributes, () -> {
            text("title", LEFT, 11, title);
            StringBuilder grid = new StringBuilder();
            for (PlotAxis.Tick tick : y.ticks()) {
                grid.append(format("M%.1f %.1fH%.1f", LEFT, down(tick.value()), width - RIGHT));
                text("left", LEFT - 4, down(tick.value()) + 3, tick.label());
            }
            grid.append(format("M%.1f %.1fH%.1f", LEFT, height - BOTTOM, width - RIGHT));
            svg.element("path", List.of("class", "grid", "d", grid.toString()), "");
            x.ticks().forEach(tick -> text("below", across(tick.value()), height - BOTTOM + 11, tick.label()));
            text("below", (LEFT + width - RIGHT) / 2, height - 6, x.title());
            svg.trusted(marks.toString());
        });
        return svg.toString();
    }

    private void text(String styleClass, double left, double baseline, String text) {
        List<String> place = List.of("class", styleClass, "x", format("%.1f", left), "y", format("%.1f", baseline));
        svg.element("text", place, text);
    }

    private double across(double value) {
        return LEFT + (width - LEFT - RIGHT) * x.position(value);
    }

    private double down(double value) {
        return height - BOTTOM - (height - BOTTOM - TOP) * y.position(value);
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
