package org.sluice.experiments.report;

import java.util.List;
import java.util.stream.Collectors;

/** Where the results come from. */
final class ProvenanceSection implements Section {

    @Override
    public void write(ReportPage page) {
        HtmlWriter html = page.html();
        Provenance provenance = page.report().provenance();
        page.section("Provenance", () -> {
            html.element("dl", List.of(), () -> {
                page.report().variants().forEach(variant -> entry(html, variant.name(), variant.description()));
                entry(html, "dataset", provenance.dataset() + " (hash " + provenance.datasetHash() + ")");
                entry(
                        html,
                        "seeds",
                        provenance.seeds().entrySet().stream()
                                .map(seed -> seed.getKey() + " " + seed.getValue())
                                .collect(Collectors.joining(", ")));
                entry(html, "matrix products in training", provenance.trainingPrecision());
                entry(html, "evaluated with", String.join("; ", provenance.backends()));
                entry(html, "Spark master", provenance.master());
                entry(
                        html,
                        "versions",
                        "Sluice " + provenance.sluice() + ", Spark " + provenance.spark() + ", ND4J "
                                + provenance.nd4j() + ", Java " + provenance.java());
                entry(html, "host", provenance.operatingSystem() + ", " + provenance.hostCores() + " cores");
                entry(html, "command", provenance.command());
            });
            html.element("details", List.of(), () -> {
                html.element("summary", "Job file");
                html.element("pre", provenance.jobFile());
            });
        });
    }

    private static void entry(HtmlWriter html, String term, String description) {
        html.element("dt", term);
        html.element("dd", description.isBlank() ? Figures.NONE : description);
    }
}
