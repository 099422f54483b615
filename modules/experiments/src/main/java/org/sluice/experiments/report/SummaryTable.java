package org.sluice.experiments.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The few figures by which variants are compared: a row a variant, in the terminal as plain text and at the top of the page. */
public final class SummaryTable {
    private record Column(String title, Function<VariantReport, String> value) {}

    private static final List<Column> COLUMNS = List.of(
            new Column("variant", VariantReport::name),
            new Column("loss", variant -> Figures.decimal(variant.trained().heldOutLoss(), 4)),
            new Column(
                    "perplexity",
                    variant -> Figures.significant(variant.trained().heldOutPerplexity())),
            new Column(
                    "untrained",
                    variant -> Figures.significant(
                            variant.untrained().map(before -> Double.valueOf(before.heldOutPerplexity())))),
            new Column("F-Attn", variant -> Figures.decimal(variant.trained().firstTokenAttention(), 3)),
            new Column("M-Act", variant -> Figures.significant(variant.trained().maxActivation())),
            new Column(
                    "gate score", variant -> Figures.decimal(variant.trained().gateScore(), 3)),
            new Column("tokens/s", variant -> Figures.decimal(variant.tokensPerSecond(), 0)),
            new Column("parameters", variant -> Figures.count(variant.parameters())));

    private SummaryTable() {}

    /** The lines of the table for a terminal: titles, a rule, and a line a variant, without colours or trailing blanks. */
    public static List<String> lines(RunReport report) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(titles());
        rows.addAll(rows(report));
        return TextTable.lines(rows);
    }

    static List<String> titles() {
        return COLUMNS.stream().map(Column::title).toList();
    }

    static List<List<String>> rows(RunReport report) {
        return report.variants().stream()
                .map(variant -> COLUMNS.stream()
                        .map(column -> column.value().apply(variant))
                        .toList())
                .toList();
    }
}
