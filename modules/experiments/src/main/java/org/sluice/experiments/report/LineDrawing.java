package org.sluice.experiments.report;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jetbrains.letsPlot.commons.encoding.UnsupportedRGBEncoder;
import org.jetbrains.letsPlot.core.util.PlotSvgExportCommon;

/** Lines over a number that doubles from point to point, as an SVG file that stands by itself: white, with its key. Lets-Plot draws it. */
public final class LineDrawing {
    private static final double WIDTH = 760;
    private static final double HEIGHT = 400;

    private final String title;
    private final String xTitle;
    private final String yTitle;
    private final List<Object> names = new ArrayList<>();
    private final List<Object> layers = new ArrayList<>();
    private List<Double> ticks = List.of();

    /**
     * @param xTitle what the horizontal axis shows, with its unit
     * @param yTitle what the vertical axis shows, with its unit
     */
    public LineDrawing(String title, String xTitle, String yTitle) {
        this.title = title;
        this.xTitle = xTitle;
        this.yTitle = yTitle;
    }

    /**
     * Adds a line.
     *
     * @param name in the key
     * @param x positive, the same for all lines, each of them labelled
     * @param y as many, not negative
     */
    public void line(String name, List<Double> x, List<Double> y) {
        ticks = x;
        names.add(name);
        List<Object> series = new ArrayList<>();
        x.forEach(each -> series.add(name));
        Map<String, Object> data =
                Map.of("x", new ArrayList<Object>(x), "y", new ArrayList<Object>(y), "series", series);
        for (String geometry : List.of("line", "point")) {
            Map<String, Object> layer = new HashMap<>();
            layer.put("geom", geometry);
            layer.put("data", data);
            layer.put("mapping", Map.of("x", "x", "y", "y", "color", "series", "shape", "series"));
            layer.put("size", geometry.equals("line") ? 1.0 : 3.0);
            layer.put("tooltips", "none");
            layers.add(layer);
        }
    }

    /** The file's text. */
    public String svg() {
        List<Object> scales = new ArrayList<>();
        scales.add(Map.of(
                "aesthetic",
                "x",
                "name",
                xTitle,
                "trans",
                "log2",
                "breaks",
                new ArrayList<Object>(ticks),
                "labels",
                new ArrayList<Object>(ticks.stream()
                        .map(tick -> String.format(Locale.ROOT, "%,.0f", tick))
                        .toList())));
        scales.add(Map.of("aesthetic", "y", "name", yTitle, "limits", List.of(0.0, 100.0)));
        scales.add(key("color", Palette.light(names.size())));
        scales.add(key("shape", Palette.shapes(names.size())));
        Map<String, Object> figure = new HashMap<>();
        figure.put("kind", "plot");
        figure.put("ggtitle", Map.of("text", title));
        figure.put("layers", layers);
        figure.put("scales", scales);
        figure.put("theme", Map.of("name", "minimal", "panel_grid_minor", Map.of("name", "blank", "blank", true)));
        figure.put("ggsize", Map.of("width", WIDTH, "height", HEIGHT));
        return PlotSvgExportCommon.INSTANCE.buildSvgImageFromRawSpecs(figure, null, new UnsupportedRGBEncoder(), true);
    }

    private Map<String, Object> key(String aesthetic, List<Object> values) {
        return Map.of("aesthetic", aesthetic, "name", "", "discrete", true, "limits", names, "values", values);
    }
}
