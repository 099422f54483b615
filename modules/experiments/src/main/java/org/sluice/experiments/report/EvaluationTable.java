package org.sluice.experiments.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.sluice.evaluation.DomainLoss;
import org.sluice.evaluation.EvaluationResult;

/** One evaluation as plain text lines for a terminal: the figures by domain, and those of the whole. */
public final class EvaluationTable {
    private EvaluationTable() {}

    /** The lines, without colours or trailing blanks. */
    public static List<String> lines(EvaluationResult result) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("domain", "loss", "perplexity", "tokens"));
        for (Map.Entry<String, DomainLoss> domain : result.domains().entrySet()) {
            DomainLoss loss = domain.getValue();
            rows.add(row(domain.getKey(), loss.loss(), loss.perplexity(), loss.tokens()));
        }
        rows.add(row("all", result.heldOutLoss(), result.heldOutPerplexity(), result.tokens()));
        List<String> lines = new ArrayList<>(TextTable.lines(rows));
        lines.add("");
        lines.add("F-Attn " + Figures.decimal(result.firstTokenAttention(), 3) + ", M-Act "
                + Figures.significant(result.maxActivation()) + ", gate score "
                + Figures.decimal(result.gateScore(), 3));
        return lines;
    }

    private static List<String> row(String name, double loss, double perplexity, long tokens) {
        return List.of(name, Figures.decimal(loss, 4), Figures.significant(perplexity), Figures.count(tokens));
    }
}
