package org.sluice.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.sluice.evaluation.DomainLoss;
import org.sluice.evaluation.EvaluationResult;
import org.sluice.model.GateConfig;

class ReportHtmlTest {

    @Test
    void showsEveryFigureOfTheTable() {
        RunReport report = Reports.run(Reports.variant("baseline", false, 300), Reports.variant("gated", true, 300));

        String page = ReportHtml.text(report);

        for (List<String> row : SummaryTable.rows(report)) {
            row.forEach(figure -> assertThat(page).contains(">" + figure.replace("\u2013", "&ndash;") + "<"));
        }
        assertThat(page).contains("403.4&times;", "4.92M", "1 min 20 s", "data/quickstart", "training 42");
    }

    @Test
    void everySeriesIsDrawnInItsColour() {
        String page = ReportHtml.text(
                Reports.run(Reports.variant("baseline", false, 300), Reports.variant("gated", true, 300)));

        String loss = chart(page, "Training loss");
        // The smoothed line and, behind it, the raw one.
        assertThat(count(loss, "<path[^>]*stroke=\"rgb\\(0,114,178\\)\"")).isEqualTo(2);
        assertThat(count(loss, "<path[^>]*stroke=\"rgb\\(213,94,0\\)\"")).isEqualTo(2);
        String attention = chart(page, "First-token attention");
        assertThat(count(attention, "<circle[^>]*fill=\"#0072b2\"")).isEqualTo(2);
        assertThat(count(attention, "<path[^>]*fill=\"#d55e00\"")).isEqualTo(2);
        String gate = chart(page, "Gate score");
        assertThat(count(gate, "#0072b2")).as("a baseline has no gate score").isZero();
        assertThat(count(gate, "<path[^>]*fill=\"#d55e00\"")).isEqualTo(2);
        assertThat(chart(page, "By domain")).containsPattern(">\\s*java\\s*<").containsPattern(">\\s*scala\\s*<");
    }

    @Test
    void needsNeitherNetworkNorScripts() {
        String page = ReportHtml.text(Reports.run(Reports.variant("baseline", false, 50)));

        String withoutNamespaces = page.replaceAll("xmlns(:xlink)?=\"http[^\"]*\"", "");
        assertThat(withoutNamespaces).doesNotContain("http:", "https:", "<script", "<link", "<img", "@import");
        assertThat(count(withoutNamespaces, "url\\((?!#)"))
                .as("references out of the page")
                .isZero();
    }

    @Test
    void hostileNamesStayText() {
        EvaluationResult result = Reports.evaluation(3, true, Reports.HOSTILE);
        VariantReport variant = new VariantReport(
                Reports.HOSTILE, Reports.HOSTILE, 1, 1, 1, 1, 1, result, Optional.of(result), List.of());
        RunReport report =
                new RunReport(Reports.HOSTILE, List.of(variant), Reports.provenance("job: " + Reports.HOSTILE));

        String page = ReportHtml.text(report);

        assertThat(page).doesNotContain("<script").contains("&lt;script&gt;alert");
        assertThat(count(page, "</style>"))
                .as("one of the page and one a chart of the library")
                .isEqualTo(1 + count(page, "<svg xmlns"));
    }

    @Test
    void anEmptyCurveSaysSo() {
        String page = ReportHtml.text(Reports.run(Reports.variant("baseline", false, 0)));

        assertThat(chart(page, "Training loss")).contains("nothing to show").doesNotContain("<svg");
        assertThat(chart(page, "Gate score")).contains("nothing to show").doesNotContain("<svg");
    }

    @Test
    void aSingleStepIsAPoint() {
        String page = ReportHtml.text(Reports.run(Reports.variant("baseline", false, 1)));

        assertThat(count(chart(page, "Training loss"), "<circle[^>]*fill=\"#0072b2\""))
                .isEqualTo(1);
    }

    @Test
    void figuresThatAreNotNumbersDoNotBreakThePage() {
        EvaluationResult diverged = new EvaluationResult(
                Double.NaN,
                Double.POSITIVE_INFINITY,
                10,
                1,
                new TreeMap<>(java.util.Map.of("java", new DomainLoss(Double.NaN, Double.NaN, 10))),
                Double.NaN,
                Double.NaN,
                List.of(Double.NaN, 0.5),
                List.of(Double.NaN, Double.POSITIVE_INFINITY),
                List.of(SampleGates.gate(GateConfig.SDPA_ELEMENTWISE, Double.NaN, Double.POSITIVE_INFINITY)));
        List<CurvePoint> curve = List.of(
                new CurvePoint(0, 9, 1e-3, Double.NaN, Optional.empty()),
                new CurvePoint(1, Double.NaN, 1e-3, Double.POSITIVE_INFINITY, Optional.empty()),
                new CurvePoint(2, 8, 1e-3, Double.NaN, Optional.empty()));
        VariantReport variant =
                new VariantReport("v", "", 1, 1, 0, Double.NaN, Double.NaN, diverged, Optional.empty(), curve);

        String page = ReportHtml.text(Reports.run(variant));

        assertThat(count(chart(page, "Training loss"), "<circle[^>]*fill=\"#0072b2\""))
                .isEqualTo(2);
        assertThat(count(chart(page, "First-token attention"), "<circle[^>]*fill=\"#0072b2\""))
                .isEqualTo(1);
        assertThat(chart(page, "Gradient norm")).contains("nothing to show");
        assertThat(page).contains("<td>NaN</td>", "<td>&infin;</td>", "layer 0, mean NaN");
        assertThat(chart(page, "Gate scores of each layer")).doesNotContain("class=\"rule\"");
    }

    @Test
    void theNinthVariantHasTheFirstOnesColourButAnotherMarkerAndLine() {
        VariantReport[] variants = new VariantReport[9];
        for (int index = 0; index < variants.length; index++) {
            variants[index] = Reports.variant("variant-" + index, index > 0, 3);
        }

        String page = ReportHtml.text(Reports.run(variants));

        String attention = chart(page, "First-token attention");
        assertThat(count(attention, "<circle[^>]*fill=\"#0072b2\"")).isEqualTo(2);
        assertThat(count(attention, "<circle[^>]*fill-opacity=\"0.0\" stroke=\"#0072b2\""))
                .isEqualTo(2);
        assertThat(count(attention, "<path[^>]*stroke=\"rgb\\(0,114,178\\)\"[^>]*stroke-dasharray"))
                .isEqualTo(1);
        assertThat(Palette.marker(8)).isNotEqualTo(Palette.marker(0));
    }

    @Test
    void twelveMixturesOfSixLayersAreLight() {
        VariantReport[] variants = new VariantReport[12];
        for (int index = 0; index < variants.length; index++) {
            variants[index] = Reports.mixture("variant-" + index, 3000, index);
        }

        String page = ReportHtml.text(Reports.run(variants));

        assertThat(page.getBytes(StandardCharsets.UTF_8).length).isLessThan(3_000_000);
    }

    @Test
    void everyLayerOfEveryGateHasAHistogram() {
        String page = ReportHtml.text(Reports.run(Reports.variant("dense", false, 3), Reports.mixture("m", 3, 1)));

        String histograms = chart(page, "Gate scores of each layer");
        assertThat(count(histograms, "<svg")).isEqualTo(12);
        assertThat(histograms)
                .contains("G1 sdpa_output elementwise, mean score 0.", "G2 value headwise", "layer 5, mean 0.300")
                .doesNotContain("dense");
        // A bar for each bin that is not empty: 50 in each layer but for those far from a low mean.
        Matcher bars = Pattern.compile("class=\"bars\" d=\"([^\"]*)\"").matcher(histograms);
        assertThat(bars.find()).isTrue();
        List<Long> first = Reports.mixture("m", 3, 1)
                .trained()
                .gates()
                .get(0)
                .histogramPerLayer()
                .get(0)
                .counts();
        assertThat(count(bars.group(1), "z"))
                .isEqualTo(first.stream().filter(n -> n > 0).count());
    }

    @Test
    void valuesBeforeAndAfterTheGateAreDrawnAndTold() {
        String page = ReportHtml.text(Reports.run(Reports.mixture("m", 3, 1)));

        String values = chart(page, "Hidden state before and after the gate");
        assertThat(count(values, "<circle class=\"before\"")).isEqualTo(12);
        assertThat(count(values, "<circle class=\"after\"")).isEqualTo(12);
        assertThat(values).contains("mean |value| (logarithmic)");
        assertThat(page)
                .contains("<td>27.1 %</td>", "<td>54.2 %</td>", "<td>13.5 %</td>", "<td>6.8 %</td>")
                .contains("share below 1e-3");
    }

    @Test
    void onlyMixturesHaveCurvesOfTheirRouters() {
        String dense = ReportHtml.text(Reports.run(Reports.variant("dense", true, 30)));
        String mixture = ReportHtml.text(Reports.run(Reports.mixture("m", 30, 1)));

        assertThat(dense).doesNotContain("Load-balance loss");
        for (String title : List.of("Load-balance loss", "Router z-loss", "Largest share", "Idle experts", "Entropy")) {
            assertThat(count(chart(mixture, title), "<path[^>]*stroke=\"rgb\\(0,114,178\\)\""))
                    .as(title)
                    .isEqualTo(1);
        }
    }

    @Test
    void aPageWithoutGatesDoesNotSpeakOfThem() {
        assertThat(ReportHtml.text(Reports.run(Reports.variant("dense", false, 3))))
                .doesNotContain("At the gates");
    }

    private static String chart(String page, String title) {
        Matcher figure = Pattern.compile("<figure[^>]*aria-label=\"" + title + ".*?</figure>", Pattern.DOTALL)
                .matcher(page);
        assertThat(figure.find()).as("a figure titled " + title).isTrue();
        return figure.group();
    }

    private static long count(String text, String expression) {
        return Pattern.compile(expression).matcher(text).results().count();
    }
}
