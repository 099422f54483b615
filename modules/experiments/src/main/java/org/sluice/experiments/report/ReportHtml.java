package org.sluice.experiments.report;

import java.util.List;
import org.sluice.evaluation.EvaluationResult;

/** Writes {@code report.html}: one file, charts and style inside, that needs neither network nor scripts. */
public final class ReportHtml {
    private static final List<Section> SECTIONS = List.of(
            new ResultsSection(),
            new TrainingSection(),
            new ExpertsSection(),
            new LayersSection(),
            new GatesSection(),
            new DomainsSection(),
            new ProvenanceSection());

    private ReportHtml() {}

    /** The report as a page. */
    public static String text(RunReport report) {
        ReportPage page = new ReportPage(report);
        HtmlWriter html = page.html();
        html.trusted("<!DOCTYPE html>");
        html.element("html", List.of("lang", "en"), () -> {
            html.element("head", List.of(), () -> head(report, html));
            html.element(
                    "body",
                    List.of(),
                    () -> html.element("main", List.of(), () -> {
                        header(report, html);
                        SECTIONS.forEach(section -> section.write(page));
                    }));
        });
        return page.toString();
    }

    private static void head(RunReport report, HtmlWriter html) {
        html.empty("meta", List.of("charset", "utf-8"));
        html.empty("meta", List.of("name", "viewport", "content", "width=device-width, initial-scale=1"));
        html.empty("meta", List.of("name", "color-scheme", "content", "light dark"));
        html.element("title", "Sluice run " + report.name());
        html.element("style", List.of(), () -> html.trusted(PageStyle.base()).trusted(Palette.rules()));
    }

    private static void header(RunReport report, HtmlWriter html) {
        html.element("header", List.of(), () -> {
            html.element("p", List.of("class", "kicker"), "Sluice run");
            html.element("h1", report.name());
            html.element("p", List.of("class", "subtitle"), subtitle(report));
        });
    }

    private static String subtitle(RunReport report) {
        String variants =
                report.variants().size() == 1 ? "1 variant" : report.variants().size() + " variants side by side";
        EvaluationResult first = report.variants().get(0).trained();
        return variants + ", evaluated on " + Figures.count(first.tokens()) + " held-out tokens in "
                + Figures.count(first.blocks()) + " blocks. Finished "
                + report.provenance().finished() + ".";
    }
}
