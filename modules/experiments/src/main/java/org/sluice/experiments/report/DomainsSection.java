package org.sluice.experiments.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.sluice.evaluation.DomainLoss;

/** The held-out loss of each domain. */
final class DomainsSection implements Section {

    @Override
    public void write(ReportPage page) {
        List<VariantReport> variants = page.report().variants();
        List<String> domains = List.copyOf(new TreeSet<>(variants.stream()
                .flatMap(variant -> variant.trained().domains().keySet().stream())
                .toList()));
        page.section("Held-out loss by domain", () -> {
            page.key();
            figure(page, domains);
            List<String> titles = new ArrayList<>(List.of("variant"));
            domains.forEach(domain -> titles.add(domain + " (" + tokens(variants, domain) + " tokens)"));
            List<List<String>> rows = new ArrayList<>();
            for (VariantReport variant : variants) {
                List<String> row = new ArrayList<>(List.of(variant.name()));
                domains.forEach(
                        domain -> row.add(loss(variant.trained().domains().get(domain))));
                rows.add(row);
            }
            page.table(titles, rows);
            page.html().element("p", List.of("class", "note"), "Loss in nats a token, and perplexity in parentheses.");
        });
    }

    private static void figure(ReportPage page, List<String> domains) {
        List<Series> series = page.report().variants().stream()
                .map(variant -> {
                    List<Series.Point> points = new ArrayList<>();
                    variant.trained()
                            .domains()
                            .forEach((name, loss) -> points.add(new Series.Point(loss.loss(), domains.indexOf(name))));
                    return new Series(variant.name(), points);
                })
                .toList();
        int height = 70 + 34 * domains.size();
        page.figure(
                "By domain",
                "After training; the further left, the better the model predicts it.",
                series,
                () -> new Chart("loss (nats a token)", "", ReportPage.WIDE, height).perCategory(series, domains));
    }

    private static String tokens(List<VariantReport> variants, String domain) {
        return variants.stream()
                .map(variant -> variant.trained().domains().get(domain))
                .filter(Objects::nonNull)
                .findFirst()
                .map(loss -> Figures.count(loss.tokens()))
                .orElse(Figures.NONE);
    }

    private static String loss(DomainLoss loss) {
        return loss == null
                ? Figures.NONE
                : Figures.decimal(loss.loss(), 4) + " (" + Figures.significant(loss.perplexity()) + ")";
    }
}
