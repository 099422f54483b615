package org.sluice.experiments.report;

import java.util.List;

/** What happens at the gates: scores, and values before and after; nothing where no variant has a gate. */
final class GatesSection implements Section {
    private static final int PANEL_WIDTH = 190;
    private static final int PANEL_HEIGHT = 142;
    private static final int WIDE_PANEL = 340;
    private static final int HIGH_PANEL = 190;

    @Override
    public void write(ReportPage page) {
        List<GatedVariant> gates = GatedVariant.all(page.report());
        if (gates.isEmpty()) {
            return;
        }
        page.section("At the gates", () -> {
            histograms(page, gates);
            values(page, gates);
            GateTable.write(page, gates);
        });
    }

    private static void histograms(ReportPage page, List<GatedVariant> gates) {
        PlotAxis shares = PlotAxis.shares(gates.stream()
                .flatMap(gated -> gated.gate().histogramPerLayer().stream())
                .flatMap(histogram -> histogram.shares().stream())
                .mapToDouble(Double::doubleValue)
                .max()
                .orElse(0));
        page.figure(
                "Gate scores of each layer",
                "The share of scores in each of 50 bins, on a square-root scale, so that rare scores can be seen; the same"
                        + " scale in all drawings. The dashed line is the mean. A peak at 0 is a sparse gate. SiLU and"
                        + " identity have scores beyond the ends of the axis; these are in the bins at the ends.",
                () -> gates.forEach(gated -> page.html().element("details", List.of("open", "open"), () -> {
                    heading(
                            page,
                            gated,
                            "summary",
                            ", mean score " + Figures.decimal(gated.gate().meanScore(), 3));
                    page.html().element("div", List.of("class", "panels " + Palette.styleClass(gated.index())), () -> {
                        for (int layer = 0; layer < gated.layers(); layer++) {
                            page.html().trusted(histogram(gated, layer, shares));
                        }
                    });
                })));
    }

    private static String histogram(GatedVariant gated, int layer, PlotAxis shares) {
        var histogram = gated.gate().histogramPerLayer().get(layer);
        double mean = gated.gate().meanScorePerLayer().get(layer);
        double middle = (histogram.lowest() + histogram.highest()) / 2;
        boolean tails = histogram.lowest() < 0;
        PlotAxis scores = PlotAxis.linear(
                "gate score",
                histogram.lowest(),
                histogram.highest(),
                List.of(
                        new PlotAxis.Tick(
                                histogram.lowest(), (tails ? "\u2264" : "") + Figures.plain(histogram.lowest())),
                        PlotAxis.Tick.of(middle),
                        new PlotAxis.Tick(
                                histogram.highest(), (tails ? "\u2265" : "") + Figures.plain(histogram.highest()))));
        SmallPlot plot = new SmallPlot(scores, shares, PANEL_WIDTH, PANEL_HEIGHT).bars(histogram.shares());
        if (mean >= histogram.lowest() && mean <= histogram.highest()) {
            plot.rule(mean);
        }
        return plot.svg("layer " + layer + ", mean " + Figures.decimal(mean, 3));
    }

    private static void values(ReportPage page, List<GatedVariant> gates) {
        page.figure(
                "Hidden state before and after the gate",
                "The mean absolute value of each layer: hollow and dashed before the gate, solid after it. Each drawing has"
                        + " a scale of its own.",
                () -> page.html()
                        .element(
                                "div",
                                List.of("class", "panels wide"),
                                () -> gates.forEach(gated -> page.html().element("div", List.of(), () -> {
                                    heading(page, gated, "p", "");
                                    page.html()
                                            .element(
                                                    "div",
                                                    List.of("class", Palette.styleClass(gated.index())),
                                                    () -> page.html().trusted(beforeAndAfter(gated)));
                                }))));
    }

    private static String beforeAndAfter(GatedVariant gated) {
        Series before = Series.perLayer("before", gated.gate().before().meanAbsolute());
        Series after = Series.perLayer("after", gated.gate().after().meanAbsolute());
        double least = Series.lowest(List.of(before, after)).orElse(0);
        double most = Series.highest(List.of(before, after)).orElse(0);
        PlotAxis sizes = PlotAxis.sizes("mean |value|", least, most);
        return new SmallPlot(PlotAxis.layers(gated.layers()), sizes, WIDE_PANEL, HIGH_PANEL)
                .line("before", before)
                .line("after", after)
                .svg(sizes.title());
    }

    private static void heading(ReportPage page, GatedVariant gated, String element, String more) {
        page.html().element(element, List.of("class", "panel-title"), () -> {
            page.variantName(gated.index());
            page.html().element("span", List.of("class", "gate"), gated.inWords() + more);
        });
    }
}
