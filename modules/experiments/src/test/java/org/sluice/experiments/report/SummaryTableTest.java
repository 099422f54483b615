package org.sluice.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SummaryTableTest {

    @Test
    void linesUpItsColumns() {
        List<String> lines = SummaryTable.lines(
                Reports.run(Reports.variant("baseline", false, 1), Reports.variant("sdpa-elementwise", true, 1)));

        assertThat(lines)
                .containsExactly(
                        "variant             loss  perplexity  untrained  F-Attn  M-Act  gate score  tokens/s  parameters",
                        "------------------------------------------------------------------------------------------------",
                        "baseline          3.0000       20.09      8,103   0.375  20.00           \u2013    61,440   5,638,144",
                        "sdpa-elementwise  3.0000       20.09      8,103   0.375  20.00       0.500    61,440   5,638,144");
    }

    @Test
    void whatIsMissingIsADash() {
        VariantReport variant = new VariantReport(
                "v", "", 1, 1, 0, 0, Double.NaN, Reports.evaluation(3, false), Optional.empty(), List.of());

        assertThat(SummaryTable.rows(Reports.run(variant)).get(0))
                .containsExactly("v", "3.0000", "20.09", "\u2013", "0.375", "20.00", "\u2013", "NaN", "1");
    }

    @Test
    void aNameCannotBreakTheTerminal() {
        List<String> lines = SummaryTable.lines(Reports.run(Reports.variant("a\u001b[31m\nb", false, 1)));

        assertThat(lines).hasSize(3);
        assertThat(lines.get(2)).startsWith("a?[31m?b");
    }

    @Test
    void aMixtureOfExpertsTellsItsActiveParametersToo() {
        RunReport report = Reports.run(Reports.variant("dense", false, 1), Reports.mixture("experts", 1, 1));

        assertThat(SummaryTable.titles(report)).endsWith("parameters", "active");
        assertThat(SummaryTable.rows(report).get(0)).endsWith("5,638,144", "5,638,144");
        assertThat(SummaryTable.rows(report).get(1)).endsWith("15,270,531,072", "2,540,531,072");
    }

    @Test
    void theWidestTableFitsInto150Columns() {
        String name = "a-variant-with-a-name-that-says-all-that-one-can-say-about-it-1";
        List<String> lines = SummaryTable.lines(
                Reports.run(Reports.mixture(name, 1, 1), Reports.mixture(name.replace('1', '2'), 1, 1)));

        assertThat(lines).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(150));
        assertThat(lines.get(2))
                .startsWith("a-variant-with-a-name-")
                .contains("\u2026")
                .contains("about-it-1 ");
        assertThat(lines.get(3)).contains("about-it-2 ");
    }
}
