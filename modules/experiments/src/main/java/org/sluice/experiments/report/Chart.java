package org.sluice.experiments.report;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jetbrains.letsPlot.commons.encoding.UnsupportedRGBEncoder;
import org.jetbrains.letsPlot.core.util.PlotSvgExportCommon;

/**
 * Draws series as an SVG element for a page, which has the key to colours and markers.
 *
 * <p>Lets-Plot does the drawing; it needs neither fonts nor a display. The page's style sheet gives colours their dark counterparts by
 * the very values that are written here, see {@link Palette}.
 */
final class Chart {
    private static final int MOST_POINTS = 1000;
    private static final int MOST_POINTS_TOGETHER = 4000;
    private static final int MOST_RAW = 4;
    private static final int FEW_POINTS = 40;
    private static final double LOGARITHMIC_FROM = 50;

    private final String xTitle;
    private final String yTitle;
    private final int width;
    private final int height;

    /**
     * @param xTitle what the horizontal axis shows, with its unit
     * @param yTitle what the vertical axis shows, with its unit
     * @param width in pixels at full size
     * @param height in pixels at full size
     */
    Chart(String xTitle, String yTitle, int width, int height) {
        this.xTitle = xTitle;
        this.yTitle = yTitle;
        this.width = width;
        this.height = height;
    }

    /**
     * Lines over training steps: each smoothed, with what was measured faintly behind it where that is noisy and there are few enough
     * series to tell them apart.
     */
    String curves(List<Series> series) {
        List<Object> layers = new ArrayList<>();
        for (Series each : series) {
            if (each.points().size() > FEW_POINTS && series.size() <= MOST_RAW) {
                layers.add(layer("line", each.thinned(MOST_POINTS), Map.of("size", 0.5, "alpha", 0.3)));
            }
        }
        for (Series each : series) {
            int points = each.points().size();
            Series line = points > FEW_POINTS ? each.smoothed(Math.max(3, points / 50)) : each;
            layers.addAll(plain(line, series.size()));
        }
        return svg(layers, series, continuousX(), valueAxis(series));
    }

    /** Lines as they are, for what is not noisy. */
    String lines(List<Series> series) {
        List<Object> layers = new ArrayList<>();
        series.forEach(each -> layers.addAll(plain(each, series.size())));
        return svg(layers, series, continuousX(), valueAxis(series));
    }

    /** A marker a layer of the model, joined by lines. */
    String perLayer(List<Series> series) {
        List<Object> layers = new ArrayList<>();
        for (Series each : series) {
            layers.add(layer("line", each, Map.of("size", 0.9)));
            layers.add(layer("point", each, Map.of("size", 3.5)));
        }
        Map<String, Object> axis = new HashMap<>(Map.of("aesthetic", "x", "name", xTitle));
        int last = series.stream().mapToInt(each -> each.points().size()).max().orElse(1) - 1;
        int stride = last / 12 + 1;
        List<Object> breaks = new ArrayList<>();
        for (int layer = 0; layer <= last; layer += stride) {
            breaks.add((double) layer);
        }
        axis.put("breaks", breaks);
        axis.put("format", "d");
        return svg(layers, series, axis, valueAxis(series));
    }

    /**
     * A marker a value, on a line of its own for each category.
     *
     * @param series whose {@code x} are values and whose {@code y} are indices of categories
     * @param categories from the top down
     */
    String perCategory(List<Series> series, List<String> categories) {
        List<Object> layers = new ArrayList<>();
        series.forEach(each -> layers.add(layer("point", each, Map.of("size", 4.5))));
        List<Object> breaks = new ArrayList<>();
        for (int index = 0; index < categories.size(); index++) {
            breaks.add((double) index);
        }
        Map<String, Object> axis = Map.of(
                "aesthetic",
                "y",
                "name",
                yTitle,
                "breaks",
                breaks,
                "labels",
                List.copyOf(categories),
                "trans",
                "reverse");
        return svg(layers, series, continuousX(), axis);
    }

    private static List<Object> plain(Series series, int together) {
        List<Object> layers = new ArrayList<>();
        int points = Math.min(MOST_POINTS, MOST_POINTS_TOGETHER / together);
        layers.add(layer("line", series.thinned(points), Map.of("size", 1.1)));
        if (series.points().size() <= FEW_POINTS) {
            // A line through one point would not be seen.
            layers.add(layer("point", series, Map.of("size", 2.5)));
        }
        return layers;
    }

    private static Map<String, Object> layer(String geometry, Series series, Map<String, Object> options) {
        List<Object> x = new ArrayList<>();
        List<Object> y = new ArrayList<>();
        List<Object> names = new ArrayList<>();
        for (Series.Point point : series.points()) {
            x.add(point.x());
            y.add(point.y());
            names.add(series.name());
        }
        Map<String, Object> layer = new HashMap<>(options);
        layer.put("geom", geometry);
        layer.put("data", Map.of("x", x, "y", y, "series", names));
        Map<String, Object> mapping = new HashMap<>(Map.of("x", "x", "y", "y", "color", "series"));
        mapping.put(geometry.equals("point") ? "shape" : "linetype", "series");
        layer.put("mapping", mapping);
        layer.put("tooltips", "none");
        return layer;
    }

    private Map<String, Object> continuousX() {
        return Map.of("aesthetic", "x", "name", xTitle);
    }

    /** Logarithmic where the values span so much that small ones would lie on the axis. */
    private Map<String, Object> valueAxis(List<Series> series) {
        Map<String, Object> axis = new HashMap<>(Map.of("aesthetic", "y", "name", yTitle));
        OptionalDouble least = Series.lowest(series);
        OptionalDouble most = Series.highest(series);
        if (least.isPresent() && least.getAsDouble() > 0 && least.getAsDouble() == most.getAsDouble()) {
            // Around a single value the chart library would choose an axis without regard to its size.
            axis.put("limits", List.of(0.0, 2 * most.getAsDouble()));
        }
        if (least.isPresent()
                && least.getAsDouble() > 0
                && most.getAsDouble() / least.getAsDouble() > LOGARITHMIC_FROM) {
            axis.put("trans", "log10");
            List<Double> breaks = decadeBreaks(least.getAsDouble(), most.getAsDouble());
            axis.put("name", yTitle + " (logarithmic)");
            axis.put("breaks", breaks);
            axis.put("labels", breaks.stream().map(Figures::plain).toList());
        }
        return axis;
    }

    /** 1, 3, 10, 30, ... or, over more than four decades, the powers of ten. */
    private static List<Double> decadeBreaks(double least, double most) {
        int first = (int) Math.floor(Math.log10(least));
        int last = (int) Math.ceil(Math.log10(most));
        List<Double> breaks = new ArrayList<>();
        for (int exponent = first; exponent <= last; exponent++) {
            breaks.add(Math.pow(10, exponent));
            if (last - first <= 4) {
                breaks.add(3 * Math.pow(10, exponent));
            }
        }
        return breaks;
    }

    private String svg(List<Object> layers, List<Series> series, Map<String, Object> xAxis, Map<String, Object> yAxis) {
        List<Object> names = new ArrayList<>(series.stream().map(Series::name).toList());
        List<Object> scales = new ArrayList<>();
        scales.add(xAxis);
        scales.add(yAxis);
        scales.add(seriesScale("color", names, Palette.light(names.size())));
        scales.add(seriesScale("shape", names, Palette.shapes(names.size())));
        scales.add(seriesScale("linetype", names, Palette.lines(names.size())));
        Map<String, Object> figure = new HashMap<>();
        figure.put("kind", "plot");
        figure.put("layers", layers);
        figure.put("scales", scales);
        figure.put("theme", theme());
        figure.put("ggsize", Map.of("width", (double) width, "height", (double) height));
        String svg =
                PlotSvgExportCommon.INSTANCE.buildSvgImageFromRawSpecs(figure, null, new UnsupportedRGBEncoder(), true);
        return scalable(svg);
    }

    /** By name and limits, so that a series keeps its colour and marker where others have nothing to show. */
    private static Map<String, Object> seriesScale(String aesthetic, List<Object> names, List<Object> values) {
        return Map.of("aesthetic", aesthetic, "discrete", true, "limits", names, "values", values);
    }

    private static Map<String, Object> theme() {
        Map<String, Object> line = Map.of("name", "line", "color", Palette.GRID, "size", 0.6, "blank", false);
        Map<String, Object> none = Map.of("name", "blank", "blank", true);
        return Map.of(
                "name", "minimal",
                "legend_position", "none",
                "panel_grid_major", line,
                "panel_grid_minor", none,
                "plot_background", none);
    }

    /** Lets the page decide how wide the drawing is. */
    private String scalable(String svg) {
        String size = "width=\"" + (double) width + "\" height=\"" + (double) height + "\"";
        int at = svg.indexOf(size);
        if (at < 0 || at > svg.indexOf('>')) {
            throw new IllegalStateException("the chart library wrote an SVG element of another size than " + width
                    + " x " + height + "; this version of Sluice needs the Lets-Plot that it was built with");
        }
        return svg.substring(0, at) + "viewBox=\"0 0 " + width + " " + height + "\" role=\"img\""
                + svg.substring(at + size.length());
    }
}
