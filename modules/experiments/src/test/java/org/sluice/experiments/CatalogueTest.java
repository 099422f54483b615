package org.sluice.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.model.DecoderConfig;
import org.sluice.model.ModelScale;
import org.sluice.model.ParameterCounts;
import org.sluice.model.Presets;
import org.sluice.model.RopeConfig;

class CatalogueTest {

    static List<CatalogueRow> rows() {
        return Catalogue.rows();
    }

    @Test
    void everyTableHasItsRowsNumberedFromOne() {
        Map<Integer, List<CatalogueRow>> byTable = rows().stream().collect(Collectors.groupingBy(CatalogueRow::table));

        assertThat(byTable.values().stream().map(List::size)).containsExactly(15, 14, 7, 7, 4, 6);
        byTable.forEach((table, ofTable) -> {
            for (int row = 0; row < ofTable.size(); row++) {
                assertThat(ofTable.get(row).name()).startsWith(String.format("table%d-%02d-", table, row + 1));
                assertThat(ofTable.get(row).name())
                        .contains(ofTable.get(row).variant().name());
            }
        });
        assertThat(Catalogue.variantNames()).doesNotHaveDuplicates();
        assertThat(Catalogue.row("table1-01-baseline").preset()).isEqualTo("moe-15a2b");
        assertThat(Catalogue.row("table1-05-sdpa-elementwise").result())
                .isEqualTo("perplexity 5.761, HellaSwag 74.64, MMLU 60.82, GSM8k 55.27, C-Eval 62.20");
    }

    /**
     * The paper's table of added parameters, in millions, to its digits. It prints 400 for the four experts; by the sizes of its Table 7 four
     * experts are 24 layers x 4 x (3 x 768 x 2048, and 2048 for the router's row) = 453.2 million.
     */
    @ParameterizedTest
    @CsvSource({
        "table1-02-more-kv-heads,    50, 0.5",
        "table1-03-more-query-heads, 201, 0.5",
        "table1-04-more-experts,     453.18, 0.005",
        "table1-05-sdpa-elementwise, 201, 0.5",
        "table1-06-value-elementwise, 25, 0.5",
        "table1-07-key-elementwise,  25, 0.5",
        "table1-08-query-elementwise, 201, 0.5",
        "table1-09-dense-elementwise, 100, 1",
        "table1-10-sdpa-headwise,    1.6, 0.05",
        "table1-11-value-headwise,   0.2, 0.05",
        "table1-12-sdpa-head-shared, 201, 0.5",
        "table1-13-value-head-shared, 25, 0.5",
        "table1-14-sdpa-additive-silu, 201, 0.5",
        "table1-15-sdpa-silu,        201, 0.5"
    })
    void theRowsOfTable1AddThePapersParameters(String name, double millions, double rounding) {
        long baseline =
                Catalogue.row("table1-01-baseline").model(ModelScale.FULL).parameters();
        long added = Catalogue.row(name).model(ModelScale.FULL).parameters() - baseline;

        assertThat(baseline).isEqualTo(15_577_227_264L);
        assertThat(added / 1e6).isCloseTo(millions, within(rounding));
    }

    @Test
    void fourExpertsAddWhatTable7SaysAndOnlyIdleOnes() {
        ParameterCounts before = ParameterCounts.of(Presets.MOE_15A2B);
        ParameterCounts after =
                ParameterCounts.of(Catalogue.row("table1-04-more-experts").model(ModelScale.FULL));

        assertThat(after.total() - before.total())
                .isEqualTo(24L * 4 * (3 * 768 * 2048 + 2048))
                .isEqualTo(453_181_440L);
        assertThat(after.active() - before.active()).isEqualTo(24L * 4 * 2048);
    }

    /** One step of the feed-forward size is 8 units of 3 x hidden x layers parameters. */
    @Test
    void theGatedRowsOfTable2HaveTheBaselinesParameters() {
        for (CatalogueRow row : rows()) {
            if (row.table() == 2) {
                DecoderConfig base = Presets.named(row.preset());
                DecoderConfig model = row.model(ModelScale.FULL);
                long halfAStep = 3L * base.hidden() * base.layers() * 8 / 2;

                assertThat(Math.abs(model.parameters() - base.parameters()))
                        .as(row.name())
                        .isLessThanOrEqualTo(halfAStep);
                assertThat(model.ffn() < base.ffn())
                        .as(row.name())
                        .isEqualTo(row.variant().name().startsWith("sdpa-"));
            }
        }
        // 117,440,512 parameters of the gate are 682.67 of 172,032: from 6144 to 5461.33, of which 5464 is the nearest
        // multiple of 8.
        assertThat(Catalogue.row("table2-02-sdpa-elementwise-4.0e-3")
                        .model(ModelScale.FULL)
                        .ffn())
                .isEqualTo(5464);
    }

    @Test
    void theRowsOfAMixtureAreNotNarrowed() {
        rows().stream()
                .filter(row -> row.preset().equals("moe-15a2b"))
                .forEach(row -> assertThat(row.model(ModelScale.FULL).ffn()).isEqualTo(768));
    }

    @Test
    void learningRatesAreFactorsOfTheLowestInTheirGroup() {
        assertThat(rows().stream().filter(row -> row.table() != 2)).allMatch(row -> row.learningRateFactor() == 1);
        assertThat(Catalogue.row("table2-05-baseline-4.0e-3").learningRateFactor())
                .isEqualTo(1);
        assertThat(Catalogue.row("table2-06-baseline-8.0e-3").learningRateFactor())
                .isEqualTo(2);
        assertThat(Catalogue.row("table2-03-baseline-4.5e-3").learningRateFactor())
                .isEqualTo(1);
        CatalogueRow high = Catalogue.row("table2-14-sdpa-elementwise-8.0e-3");
        assertThat(high.learningRateFactor()).isCloseTo(8.0 / 5.3, within(1e-12));
        assertThat(high.variant(64).learningRateFactor()).isEqualTo(high.learningRateFactor());
        assertThat(high.training()).hasToString("1T tokens, learning rate 8.0e-3, batch 4096 x 4096");
        assertThat(Catalogue.row("table2-12-baseline-8.0e-3").result()).isEqualTo("diverged");
        assertThat(Catalogue.row("table2-03-baseline-4.5e-3").training())
                .hasToString("3.5T tokens, learning rate 4.5e-3, batch 2048 x 4096");
    }

    @Test
    void table5ExtendsTheContext() {
        assertThat(rope("table5-01-baseline", ModelScale.FULL)).isEqualTo(RopeConfig.of(1e6));
        assertThat(rope("table5-04-sdpa-elementwise-yarn", ModelScale.FULL))
                .isEqualTo(new RopeConfig(1e6, RopeConfig.Yarn.of(4, 32_768)));
        assertThat(rope("table5-03-baseline-yarn", ModelScale.TINY))
                .isEqualTo(new RopeConfig(1e6, RopeConfig.Yarn.of(4, 2048)));
        assertThat(Catalogue.variant("table5-03-baseline-yarn", 512)
                        .of(Presets.TINY, true)
                        .rope())
                .isEqualTo(new RopeConfig(1e6, RopeConfig.Yarn.of(4, 512)));
        assertThat(Catalogue.row("table5-01-baseline").training()).hasToString("80B tokens, sequences of 32768");
    }

    private static RopeConfig rope(String row, ModelScale scale) {
        return Catalogue.row(row).model(scale).rope();
    }

    @ParameterizedTest
    @EnumSource(ModelScale.class)
    void everyRowIsAModelAtEveryScale(ModelScale scale) {
        for (CatalogueRow row : rows()) {
            DecoderConfig model = row.model(scale);
            DecoderConfig base = Presets.named(row.preset(), scale);

            assertThat(model.layers()).isEqualTo(base.layers());
            assertThat(model.hidden()).isEqualTo(base.hidden());
            assertThat(model.modifiers())
                    .isEqualTo(row.variant().of(base, false).modifiers());
            assertThat(row.contextLength(scale) % 64).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void aRowNamesAVariantOfAnyModel(CatalogueRow row) {
        DecoderConfig base = Presets.named(row.preset(), ModelScale.SMALL);
        Variant variant = Catalogue.variant(row.name(), 256);

        assertThat(variant.name()).isEqualTo(row.name());
        assertThat(variant.description()).startsWith(row.variant().description());
        assertThat(variant.of(base, true).change().rope(base.rope()).build())
                .isEqualTo(row.variant().of(base, true));
        assertThat(row.result()).isNotBlank();
    }

    @Test
    void unknownNamesAreAnsweredWithTheNearest() {
        assertThat(Catalogue.variant("sdpa-headwise", 64).name()).isEqualTo("sdpa-headwise");
        assertThat(Catalogue.variantNames())
                .containsAll(Arrays.asList("baseline", "sdpa-from-one", "table6-06-switch-v-1top1"));
        assertThatThrownBy(() -> Catalogue.variant("table1-5-sdpa-elementwise", 64))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("did you mean 'table1-05-sdpa-elementwise' or ");
        assertThatThrownBy(() -> Catalogue.row("table9"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("there is no row 'table9'");
    }
}
