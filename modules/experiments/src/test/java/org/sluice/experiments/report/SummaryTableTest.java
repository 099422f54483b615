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
                "v", "", 1, 0, 0, Double.NaN, Reports.evaluation(3, false), Optional.empty(), List.of());

        assertThat(SummaryTable.rows(Reports.run(variant)).get(0))
                .containsExactly("v", "3.0000", "20.09", "\u2013", "0.375", "20.00", "\u2013", "NaN", "1");
    }

    @Test
    void aNameCannotBreakTheTerminal() {
        List<String> lines = SummaryTable.lines(Reports.run(Reports.variant("a\u001b[31m\nb", false, 1)));

        assertThat(lines).hasSize(3);
        assertThat(lines.get(2)).startsWith("a?[31m?b");
    }
}
