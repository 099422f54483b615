package org.sluice.experiments;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The rows of Tables 1 to 6 of arXiv 2505.06708. */
final class CatalogueTables {
    private static final String MIXTURE = "moe-15a2b";
    private static final String SHALLOW = "dense-1.7b-28l";
    private static final String DEEP = "dense-1.7b-48l";

    private static final PaperTraining MIXTURE_400B = new PaperTraining(2e-3, 1024, 4096, 400);
    private static final PaperTraining SHALLOW_400B = new PaperTraining(4e-3, 1024, 4096, 400);
    private static final PaperTraining SHALLOW_3500B = new PaperTraining(4.5e-3, 2048, 4096, 3500);
    private static final PaperTraining DEEP_400B = new PaperTraining(4e-3, 1024, 4096, 400);
    private static final PaperTraining DEEP_1T = new PaperTraining(5.3e-3, 4096, 4096, 1000);
    private static final PaperTraining EXTENSION = new PaperTraining(0, 0, 32_768, 80);

    static final List<CatalogueRow> ALL = all();

    private final int table;
    private final List<CatalogueRow> rows = new ArrayList<>();

    private CatalogueTables(int table) {
        this.table = table;
    }

    private static List<CatalogueRow> all() {
        List<CatalogueRow> all = new ArrayList<>();
        all.addAll(table1());
        all.addAll(table2());
        all.addAll(table3());
        all.addAll(table4());
        all.addAll(table5());
        all.addAll(table6());
        return List.copyOf(all);
    }

    /** Where the gate stands, how fine it is, and what it costs. */
    private static List<CatalogueRow> table1() {
        return new CatalogueTables(1)
                .benchmarks("baseline", "6.026", "73.07", "58.79", "52.92", "60.26")
                .benchmarks("more-kv-heads", "5.979", "73.51", "59.78", "52.16", "62.26")
                .benchmarks("more-query-heads", "5.953", "73.59", "58.45", "53.30", "59.67")
                .benchmarks("more-experts", "5.964", "73.19", "58.84", "52.54", "63.19")
                .benchmarks("sdpa-elementwise", "5.761", "74.64", "60.82", "55.27", "62.20")
                .benchmarks("value-elementwise", "5.820", "74.38", "59.17", "53.97", "61.00")
                .benchmarks("key-elementwise", "6.016", "72.88", "59.18", "50.49", "61.74")
                .benchmarks("query-elementwise", "5.981", "73.01", "58.74", "53.97", "62.14")
                .benchmarks("dense-elementwise", "6.017", "73.32", "59.41", "50.87", "59.43")
                .benchmarks("sdpa-headwise", "5.792", "74.50", "60.05", "54.44", "62.61")
                .benchmarks("value-headwise", "5.808", "74.38", "59.32", "53.53", "62.61")
                .benchmarks("sdpa-head-shared", "5.801", "74.34", "60.06", "53.15", "61.01")
                .benchmarks("value-head-shared", "5.867", "74.10", "59.02", "53.03", "60.61")
                .benchmarks("sdpa-additive-silu", "5.821", "74.81", "60.06", "53.30", "60.98")
                .benchmarks("sdpa-silu", "5.822", "74.22", "60.49", "54.59", "62.34")
                .rows;
    }

    /** Dense models, and how high a learning rate they stand. */
    private static List<CatalogueRow> table2() {
        return new CatalogueTables(2)
                .dense(SHALLOW, "baseline", SHALLOW_400B, 4e-3, "7.499")
                .dense(SHALLOW, "sdpa-elementwise", SHALLOW_400B, 4e-3, "7.404")
                .dense(SHALLOW, "baseline", SHALLOW_3500B, 4.5e-3, "6.180")
                .dense(SHALLOW, "sdpa-elementwise", SHALLOW_3500B, 4.5e-3, "6.130")
                .dense(DEEP, "baseline", DEEP_400B, 4e-3, "7.421")
                .dense(DEEP, "baseline", DEEP_400B, 8e-3, "9.195")
                .dense(DEEP, "sandwich-norm", DEEP_400B, 8e-3, "7.407")
                .dense(DEEP, "sdpa-elementwise", DEEP_400B, 4e-3, "7.288")
                .dense(DEEP, "sdpa-headwise", DEEP_400B, 4e-3, "7.370")
                .dense(DEEP, "sdpa-elementwise", DEEP_400B, 8e-3, "7.325")
                .dense(DEEP, "baseline", DEEP_1T, 5.3e-3, "7.363")
                .dense(DEEP, "baseline", DEEP_1T, 8e-3, "")
                .dense(DEEP, "sdpa-elementwise", DEEP_1T, 5.3e-3, "7.101")
                .dense(DEEP, "sdpa-elementwise", DEEP_1T, 8e-3, "7.078")
                .rows;
    }

    /** What the gate's non-linearity does. */
    private static List<CatalogueRow> table3() {
        return new CatalogueTables(3)
                .perplexity("baseline", "6.026")
                .perplexity("sdpa-elementwise", "5.761")
                .perplexity("value-elementwise", "5.820")
                .perplexity("sdpa-additive-silu", "5.821")
                .perplexity("sdpa-rms-norm", "5.847")
                .perplexity("sdpa-parameter-free-silu", "5.975")
                .perplexity("sdpa-additive-identity", "5.882")
                .rows;
    }

    /** What the gate's sparsity does. */
    private static List<CatalogueRow> table4() {
        return new CatalogueTables(4)
                .sparsity("baseline", "", "1053", "0.467", "6.026")
                .sparsity("sdpa-elementwise", "0.116", "94", "0.048", "5.761")
                .sparsity("sdpa-headwise", "0.172", "98", "0.073", "5.792")
                .sparsity("sdpa-head-shared", "0.271", "286", "0.301", "5.801")
                .sparsity("value-elementwise", "0.221", "125", "0.297", "5.820")
                .sparsity("sdpa-input-independent", "0.335", "471", "0.364", "5.917")
                .sparsity("sdpa-ns-sigmoid", "0.653", "892", "0.451", "5.900")
                .rows;
    }

    /** Context extension. */
    private static List<CatalogueRow> table5() {
        return new CatalogueTables(5)
                .ruler("baseline", false, "88.89", "85.88", "83.15", "79.50")
                .ruler("sdpa-elementwise", false, "90.56", "87.11", "84.61", "79.77")
                .ruler("baseline", true, "82.90", "71.52", "61.23", "37.94", "37.51", "31.65")
                .ruler("sdpa-elementwise", true, "88.13", "80.01", "76.74", "72.88", "66.60", "58.82")
                .rows;
    }

    /** Switch heads. */
    private static List<CatalogueRow> table6() {
        return new CatalogueTables(6)
                .perplexity("baseline", "6.026")
                .perplexity("switch-kv-8top8", "5.847")
                .perplexity("switch-kv-4top4", "5.935")
                .perplexity("switch-v-4top4", "5.820")
                .perplexity("switch-v-8top2", "5.870")
                .perplexity("switch-v-1top1", "5.808")
                .rows;
    }

    private CatalogueTables benchmarks(
            String variant, String perplexity, String hellaSwag, String mmlu, String gsm8k, String cEval) {
        return perplexity(
                variant,
                perplexity + ", HellaSwag " + hellaSwag + ", MMLU " + mmlu + ", GSM8k " + gsm8k + ", C-Eval " + cEval);
    }

    private CatalogueTables sparsity(
            String variant, String gateScore, String maxActivation, String firstTokenAttention, String perplexity) {
        String score = gateScore.isEmpty() ? "" : ", mean gate score " + gateScore;
        return perplexity(variant, perplexity + score + ", M-Act " + maxActivation + ", F-Attn " + firstTokenAttention);
    }

    private CatalogueTables perplexity(String variant, String perplexity) {
        return add("", MIXTURE, variant, CatalogueRow.Context.UNCHANGED, MIXTURE_400B, 1, "perplexity " + perplexity);
    }

    /** @param usual how rows with the lowest learning rate of their group are trained */
    private CatalogueTables dense(
            String preset, String variant, PaperTraining usual, double learningRate, String perplexity) {
        return add(
                String.format(Locale.ROOT, "-%.1fe-3", learningRate * 1e3),
                preset,
                variant,
                CatalogueRow.Context.UNCHANGED,
                usual.at(learningRate),
                learningRate / usual.learningRate(),
                perplexity.isEmpty() ? "diverged" : "perplexity " + perplexity);
    }

    /** @param scores with contexts of 4k, 8k and so on */
    private CatalogueTables ruler(String variant, boolean yarn, String... scores) {
        StringBuilder result = new StringBuilder("RULER");
        for (int index = 0; index < scores.length; index++) {
            result.append(index == 0 ? " " : ", ")
                    .append(4 << index)
                    .append("k ")
                    .append(scores[index]);
        }
        return add(
                yarn ? "-yarn" : "",
                SHALLOW,
                variant,
                yarn ? CatalogueRow.Context.EXTENDED_WITH_YARN : CatalogueRow.Context.EXTENDED,
                EXTENSION,
                1,
                result.toString());
    }

    private CatalogueTables add(
            String suffix,
            String preset,
            String variant,
            CatalogueRow.Context context,
            PaperTraining training,
            double learningRateFactor,
            String result) {
        String name = String.format(Locale.ROOT, "table%d-%02d-%s%s", table, rows.size() + 1, variant, suffix);
        rows.add(new CatalogueRow(
                name, table, preset, Variant.named(variant), context, training, learningRateFactor, result));
        return this;
    }
}
