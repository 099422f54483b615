package org.sluice.experiments.report;

import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** The page that is being written, and what its sections have in common. */
final class ReportPage {
    /** The width of a chart over the whole page, in pixels. */
    static final int WIDE = 1080;

    /** The width of one of two charts side by side. */
    static final int HALF = 540;

    /** The width of one of three charts side by side. */
    static final int THIRD = 400;

    /** The height of charts side by side. */
    static final int HEIGHT = 300;

    /** Neighbouring columns of a table under one title. */
    record ColumnGroup(String title, List<String> columns) {}

    private final RunReport report;
    private final HtmlWriter html = new HtmlWriter();

    ReportPage(RunReport report) {
        this.report = report;
    }

    RunReport report() {
        return report;
    }

    HtmlWriter html() {
        return html;
    }

    /** A section with a title. */
    void section(String title, Runnable content) {
        html.element("section", List.of(), () -> {
            html.element("h2", title);
            content.run();
        });
    }

    /** Which colour and marker is which variant, for all charts of a section. */
    void key() {
        html.element("ul", List.of("class", "key"), () -> {
            for (int index = 0; index < report.variants().size(); index++) {
                int variant = index;
                html.element("li", List.of(), () -> variantName(variant));
            }
        });
    }

    /** The name of a variant beside its marker in its colour. */
    void variantName(int index) {
        List<String> colour = List.of("class", Palette.styleClass(index), "aria-hidden", "true");
        html.element("span", colour, Palette.marker(index))
                .element("span", report.variants().get(index).name());
    }

    /** A figure over the training steps of each variant. */
    List<Series> curve(ToDoubleFunction<CurvePoint> figure) {
        return report.variants().stream()
                .map(variant -> new Series(
                        variant.name(),
                        variant.curve().stream()
                                .map(point -> new Series.Point(point.step(), figure.applyAsDouble(point)))
                                .toList()))
                .toList();
    }

    /** A titled chart, or word that there is nothing to show. */
    void figure(String title, String explanation, List<Series> series, Supplier<String> chart) {
        figure(title, explanation, () -> {
            if (series.stream().anyMatch(each -> !each.points().isEmpty())) {
                html.trusted(chart.get());
            } else {
                html.element("p", List.of("class", "nothing"), "There is nothing to show here.");
            }
        });
    }

    /** A titled figure of any content. */
    void figure(String title, String explanation, Runnable content) {
        html.element("figure", List.of("class", "chart", "aria-label", title), () -> {
            html.element("figcaption", List.of(), () -> {
                html.element("h3", title);
                html.element("p", explanation);
            });
            content.run();
        });
    }

    /** A table that scrolls where it is too wide. The first column is a name, the others are figures. */
    void table(List<String> titles, List<List<String>> rows) {
        table("", () -> row("col", titles), rows);
    }

    /** A table that opens on a click. */
    void foldedTable(List<String> titles, List<List<String>> rows) {
        folded(() -> table(titles, rows));
    }

    /** What opens on a click. */
    void folded(Runnable content) {
        html.element("details", List.of(), () -> {
            html.element("summary", "The same as a table, layer by layer");
            content.run();
        });
    }

    /**
     * A table whose columns stand in groups.
     *
     * @param styleClass of the table
     * @param groups the columns' titles by group, in order; a group without a title is that of the names
     */
    void table(String styleClass, List<ColumnGroup> groups, List<List<String>> rows) {
        Runnable head = () -> {
            html.element(
                    "tr",
                    List.of(),
                    () -> groups.forEach(group -> {
                        String columns = Integer.toString(group.columns().size());
                        html.element("th", List.of("scope", "colgroup", "colspan", columns), group.title());
                    }));
            row(
                    "col",
                    groups.stream().flatMap(group -> group.columns().stream()).toList());
        };
        table(styleClass, head, rows);
    }

    private void table(String styleClass, Runnable head, List<List<String>> rows) {
        html.element(
                "div",
                List.of("class", "scroll"),
                () -> html.element("table", List.of("class", styleClass), () -> {
                    html.element("thead", List.of(), head);
                    html.element("tbody", List.of(), () -> rows.forEach(this::row));
                }));
    }

    private void row(String scope, List<String> titles) {
        html.element(
                "tr", List.of(), () -> titles.forEach(title -> html.element("th", List.of("scope", scope), title)));
    }

    private void row(List<String> values) {
        html.element("tr", List.of(), () -> {
            html.element("th", List.of("scope", "row"), values.get(0));
            values.subList(1, values.size()).forEach(value -> html.element("td", value));
        });
    }

    @Override
    public String toString() {
        return html.toString();
    }
}
