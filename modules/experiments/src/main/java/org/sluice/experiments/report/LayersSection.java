package org.sluice.experiments.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.sluice.evaluation.EvaluationResult;

/** F-Attn, M-Act and gate score of each layer. */
final class LayersSection implements Section {

    @Override
    public void write(ReportPage page) {
        page.section("Inside the model, layer by layer", () -> {
            page.key();
            page.html().element("div", List.of("class", "triple"), () -> {
                perLayer(
                        page,
                        "First-token attention (F-Attn)",
                        "The share of attention that goes to the first visible token. High values are an attention sink.",
                        "F-Attn",
                        EvaluationResult::firstTokenAttentionPerLayer);
                perLayer(
                        page,
                        "Massive activations (M-Act)",
                        "The largest absolute value of each layer's output.",
                        "M-Act",
                        EvaluationResult::maxActivationPerLayer);
                perLayer(
                        page,
                        "Gate score",
                        "The mean score of all gates of a layer; low means that they close often. Variants without a gate"
                                + " have none.",
                        "mean gate score",
                        EvaluationResult::meanGateScorePerLayer);
            });
            page.foldedTable(List.of("variant", "layer", "F-Attn", "M-Act", "gate score"), rows(page.report()));
        });
    }

    private static void perLayer(
            ReportPage page,
            String title,
            String explanation,
            String axis,
            Function<EvaluationResult, List<Double>> figure) {
        List<Series> series = page.report().variants().stream()
                .map(variant -> Series.perLayer(variant.name(), figure.apply(variant.trained())))
                .toList();
        page.figure(title, explanation, series, () -> new Chart("layer", axis, ReportPage.THIRD, ReportPage.HEIGHT)
                .perLayer(series));
    }

    private static List<List<String>> rows(RunReport report) {
        List<List<String>> rows = new ArrayList<>();
        for (VariantReport variant : report.variants()) {
            EvaluationResult result = variant.trained();
            List<Double> scores = result.meanGateScorePerLayer();
            for (int layer = 0; layer < result.maxActivationPerLayer().size(); layer++) {
                rows.add(List.of(
                        variant.name(),
                        Integer.toString(layer),
                        Figures.decimal(result.firstTokenAttentionPerLayer().get(layer), 4),
                        Figures.significant(result.maxActivationPerLayer().get(layer)),
                        scores.isEmpty() ? Figures.NONE : Figures.decimal(scores.get(layer), 4)));
            }
        }
        return rows;
    }
}
