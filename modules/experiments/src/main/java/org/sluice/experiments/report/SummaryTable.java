package org.sluice.experiments.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** The few figures by which variants are compared: a row a variant, in the terminal as plain text and at the top of the page. */
public final class SummaryTable {
    private static final int LONGEST_NAME = 44;

    private record Column(String title, Function<VariantReport, String> value) {}

    private static final Column ACTIVE_PARAMETERS =
            new Column("active", variant -> Figures.count(variant.activeParameters()));

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
                    "gate score", variant -> Figures.decimal(variant.trained().meanGateScore(), 3)),
            new Column("tokens/s", variant -> Figures.decimal(variant.tokensPerSecond(), 0)),
            new Column("parameters", variant -> Figures.count(variant.parameters())));

    private SummaryTable() {}

    /**
     * The lines of the table for a terminal: titles, a rule, and a line a variant, without colours or trailing blanks. Long names lose
     * their middle, so that a line fits into 150 columns.
     */
    public static List<String> lines(RunReport report) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(titles(report));
        for (List<String> row : rows(report)) {
            List<String> shortened = new ArrayList<>(row);
            shortened.set(0, Figures.shortened(row.get(0), LONGEST_NAME));
            rows.add(shortened);
        }
        return TextTable.lines(rows);
    }

    static List<String> titles(RunReport report) {
        return columns(report).stream().map(Column::title).toList();
    }

    static List<List<String>> rows(RunReport report) {
        return report.variants().stream()
                .map(variant -> columns(report).stream()
                        .map(column -> column.value().apply(variant))
                        .toList())
                .toList();
    }

    /** The active parameters are told only where some model has experts, and so more than these. */
    private static List<Column> columns(RunReport report) {
        boolean experts =
                report.variants().stream().anyMatch(variant -> variant.activeParameters() < variant.parameters());
        return experts
                ? Stream.concat(COLUMNS.stream(), Stream.of(ACTIVE_PARAMETERS)).toList()
                : COLUMNS;
    }
}
