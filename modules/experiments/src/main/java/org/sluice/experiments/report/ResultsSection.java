package org.sluice.experiments.report;

import java.util.ArrayList;
import java.util.List;

/** The figures by which variants are compared, in one table. */
final class ResultsSection implements Section {

    @Override
    public void write(ReportPage page) {
        page.section("Results", () -> {
            List<String> titles = new ArrayList<>(SummaryTable.titles(page.report()));
            titles.addAll(List.of("fall", "tokens", "time"));
            page.table(titles, rows(page.report()));
            page.html()
                    .element(
                            "p",
                            List.of("class", "note"),
                            "Loss in nats a token and perplexity on held-out text; untrained is the perplexity of the"
                                    + " freshly initialised model, and fall how many times lower training made it."
                                    + " Tokens and time are those of training. F-Attn is the attention that queries"
                                    + " give the first token that they may see; M-Act the largest hidden state,"
                                    + " averaged over layers; the gate score is the mean over all gates of the model.");
        });
    }

    private static List<List<String>> rows(RunReport report) {
        List<List<String>> rows = new ArrayList<>();
        List<List<String>> figures = SummaryTable.rows(report);
        for (int index = 0; index < figures.size(); index++) {
            VariantReport variant = report.variants().get(index);
            List<String> row = new ArrayList<>(figures.get(index));
            row.add(variant.perplexityFall()
                    .map(fall -> Figures.significant(fall.doubleValue()) + "\u00d7")
                    .orElse(Figures.NONE));
            row.add(Figures.compact(variant.trainTokens()));
            row.add(Figures.duration(variant.trainSeconds()));
            rows.add(row);
        }
        return rows;
    }
}
