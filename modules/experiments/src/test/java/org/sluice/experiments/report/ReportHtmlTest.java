package org.sluice.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.sluice.evaluation.DomainLoss;
import org.sluice.evaluation.EvaluationResult;

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
        VariantReport variant =
                new VariantReport(Reports.HOSTILE, Reports.HOSTILE, 1, 1, 1, 1, result, Optional.of(result), List.of());
        RunReport report =
                new RunReport(Reports.HOSTILE, List.of(variant), Reports.provenance("job: " + Reports.HOSTILE));

        String page = ReportHtml.text(report);

        assertThat(page).doesNotContain("<script").contains("&lt;script&gt;alert");
        assertThat(count(page, "</style>"))
                .as("one of the page and one a chart")
                .isEqualTo(1 + count(page, "<svg"));
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
                null,
                List.of(Double.NaN, 0.5),
                List.of(Double.NaN, Double.POSITIVE_INFINITY),
                List.of());
        List<CurvePoint> curve = List.of(
                new CurvePoint(0, 9, 1e-3, Double.NaN),
                new CurvePoint(1, Double.NaN, 1e-3, Double.POSITIVE_INFINITY),
                new CurvePoint(2, 8, 1e-3, Double.NaN));
        VariantReport variant =
                new VariantReport("v", "", 1, 0, Double.NaN, Double.NaN, diverged, Optional.empty(), curve);

        String page = ReportHtml.text(Reports.run(variant));

        assertThat(count(chart(page, "Training loss"), "<circle[^>]*fill=\"#0072b2\""))
                .isEqualTo(2);
        assertThat(count(chart(page, "First-token attention"), "<circle[^>]*fill=\"#0072b2\""))
                .isEqualTo(1);
        assertThat(chart(page, "Gradient norm")).contains("nothing to show");
        assertThat(page).contains("<td>NaN</td>", "<td>&infin;</td>");
    }

    @Test
    void tenVariantsAndManyLayersFit() {
        VariantReport[] variants = new VariantReport[10];
        for (int index = 0; index < variants.length; index++) {
            variants[index] = Reports.variant("variant-" + index, index > 0, 3);
        }

        String page = ReportHtml.text(Reports.run(variants));

        assertThat(count(chart(page, "First-token attention"), "<circle[^>]*fill=\"#0072b2\""))
                .as("the ninth variant has the first one's colour again, and its marker")
                .isEqualTo(4);
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
