package org.sluice.experiments.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.sluice.evaluation.EvaluationResult;
import org.sluice.evaluation.GateFigures;
import org.sluice.evaluation.ValueFigures;
import org.sluice.experiments.report.ReportPage.ColumnGroup;

/** The figures of gates as numbers, over all layers and layer by layer. */
final class GateTable {
    private GateTable() {}

    static void write(ReportPage page, List<GatedVariant> gates) {
        HtmlWriter html = page.html();
        html.element("h3", List.of("class", "after-figure"), "Small values before and after the gate");
        List<List<String>> overall = new ArrayList<>();
        List<List<String>> perLayer = new ArrayList<>();
        for (GatedVariant gated : gates) {
            overall.add(row(List.of(gated.variant().name(), gated.inWords()), gated.gate(), EvaluationResult::mean));
            for (int layer = 0; layer < gated.layers(); layer++) {
                int index = layer;
                List<String> start = List.of(gated.variant().name(), gated.inWords(), Integer.toString(layer));
                perLayer.add(row(start, gated.gate(), values -> values.get(index)));
            }
        }
        page.table("gates", columns("variant", "gate"), overall);
        html.element(
                "p",
                List.of("class", "note"),
                "Of the values before the gate, after it, and as they would be if every score were the mean score of its layer"
                        + " over the same token block; averaged over layers. Where more values are small after the gate"
                        + " than with the mean score, the gate chooses among them and does not merely scale.");
        page.folded(() -> page.table("gates", columns("variant", "gate", "layer"), perLayer));
    }

    private static List<ColumnGroup> columns(String... names) {
        List<String> sides = List.of("before", "after", "mean score");
        return List.of(
                new ColumnGroup("", List.of(names)),
                new ColumnGroup("score", List.of("mean")),
                new ColumnGroup("mean |value|", List.of("before", "after")),
                new ColumnGroup("share below 1e-2", sides),
                new ColumnGroup("share below 1e-3", sides));
    }

    private static List<String> row(List<String> start, GateFigures gate, ToDoubleFunction<List<Double>> layers) {
        List<String> row = new ArrayList<>(start);
        row.add(Figures.decimal(layers.applyAsDouble(gate.meanScorePerLayer()), 3));
        row.add(Figures.significant(layers.applyAsDouble(gate.before().meanAbsolute())));
        row.add(Figures.significant(layers.applyAsDouble(gate.after().meanAbsolute())));
        List<ValueFigures> sides = List.of(gate.before(), gate.after(), gate.withMeanScore());
        sides.forEach(side -> row.add(Figures.percent(layers.applyAsDouble(side.shareBelowHundredth()))));
        sides.forEach(side -> row.add(Figures.percent(layers.applyAsDouble(side.shareBelowThousandth()))));
        return row;
    }
}
