package org.sluice.experiments.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.sluice.evaluation.DomainLoss;
import org.sluice.evaluation.EvaluationResult;

/** Writes {@code report.html}: one file, charts and style inside, that needs neither network nor scripts. */
public final class ReportHtml {
    private static final int WIDE = 1080;
    private static final int HALF = 540;
    private static final int THIRD = 400;
    private static final int HEIGHT = 300;

    private final RunReport report;
    private final HtmlWriter html = new HtmlWriter();

    private ReportHtml(RunReport report) {
        this.report = report;
    }

    /** The report as a page. */
    public static String text(RunReport report) {
        return new ReportHtml(report).page();
    }

    private String page() {
        html.trusted("<!DOCTYPE html>");
        html.element("html", List.of("lang", "en"), () -> {
            html.element("head", List.of(), this::head);
            html.element("body", List.of(), () -> html.element("main", List.of(), this::body));
        });
        return html.toString();
    }

    private void head() {
        html.empty("meta", List.of("charset", "utf-8"));
        html.empty("meta", List.of("name", "viewport", "content", "width=device-width, initial-scale=1"));
        html.empty("meta", List.of("name", "color-scheme", "content", "light dark"));
        html.element("title", "Sluice run " + report.name());
        html.element("style", List.of(), () -> html.trusted(style()).trusted(Palette.rules()));
    }

    private void body() {
        html.element("header", List.of(), () -> {
            html.element("p", List.of("class", "kicker"), "Sluice run");
            html.element("h1", report.name());
            html.element("p", List.of("class", "subtitle"), subtitle());
        });
        summary();
        training();
        insideTheModel();
        domains();
        provenance();
    }

    private String subtitle() {
        String variants =
                report.variants().size() == 1 ? "1 variant" : report.variants().size() + " variants side by side";
        EvaluationResult first = report.variants().get(0).trained();
        return variants + ", evaluated on " + Figures.count(first.tokens()) + " held-out tokens in "
                + Figures.count(first.blocks()) + " blocks. Finished "
                + report.provenance().finished() + ".";
    }

    private void summary() {
        html.element("section", List.of(), () -> {
            html.element("h2", "Results");
            table(summaryTitles(), summaryRows());
            html.element(
                    "p",
                    List.of("class", "note"),
                    "Loss in nats a token and perplexity on held-out text; untrained is the perplexity of the freshly"
                            + " initialised model, and fall how many times lower training made it. Tokens and time are those of training. F-Attn is the attention that"
                            + " queries give the first token that they may see; M-Act the largest hidden state, averaged"
                            + " over layers; the gate score is the mean of the gate's sigmoids.");
        });
    }

    private static List<String> summaryTitles() {
        List<String> titles = new ArrayList<>(SummaryTable.titles());
        titles.addAll(List.of("fall", "tokens", "time"));
        return titles;
    }

    private List<List<String>> summaryRows() {
        List<List<String>> rows = new ArrayList<>();
        List<List<String>> figures = SummaryTable.rows(report);
        for (int index = 0; index < figures.size(); index++) {
            VariantReport variant = report.variants().get(index);
            List<String> row = new ArrayList<>(figures.get(index));
            row.add(variant.perplexityFall()
                    .map(fall -> Figures.significant(fall.doubleValue()) + "\u00d7")
                    .orElse(Figures.NONE));
            row.add(Figures.compact(variant.trainTokens()));
            row.add(Figures.duration(variant.trainSeconds()));
            rows.add(row);
        }
        return rows;
    }

    private void training() {
        html.element("section", List.of(), () -> {
            html.element("h2", "Training");
            key();
            List<Series> losses = curve(CurvePoint::loss);
            figure(
                    "Training loss",
                    "Each step's loss on the blocks that it trained on, faint where noisy, with its moving mean.",
                    losses,
                    () -> new Chart("step", "loss (nats a token)", WIDE, 360).curves(losses));
            html.element("div", List.of("class", "pair"), () -> {
                List<Series> norms = curve(CurvePoint::gradientNorm);
                figure("Gradient norm", "Of all parameters together, before clipping.", norms, () -> new Chart(
                                "step", "gradient norm", HALF, HEIGHT)
                        .curves(norms));
                List<Series> rates = curve(CurvePoint::learningRate);
                figure(
                        "Learning rate",
                        "As scheduled; variants with the same schedule lie on one line.",
                        rates,
                        () -> new Chart("step", "learning rate", HALF, HEIGHT).lines(rates));
            });
        });
    }

    private void insideTheModel() {
        html.element("section", List.of(), () -> {
            html.element("h2", "Inside the model, layer by layer");
            key();
            html.element("div", List.of("class", "triple"), () -> {
                layerFigure(
                        "First-token attention (F-Attn)",
                        "The share of attention that goes to the first visible token. High values are an attention sink.",
                        "F-Attn",
                        EvaluationResult::firstTokenAttentionPerLayer);
                layerFigure(
                        "Massive activations (M-Act)",
                        "The largest absolute value of each layer's output.",
                        "M-Act",
                        EvaluationResult::maxActivationPerLayer);
                layerFigure(
                        "Gate score",
                        "The mean of the gate's sigmoids; low means that the gate closes often. Variants without a gate have none.",
                        "mean gate score",
                        EvaluationResult::meanGateScorePerLayer);
            });
            layerTable();
        });
    }

    private void layerFigure(
            String title, String explanation, String axis, Function<EvaluationResult, List<Double>> figure) {
        List<Series> series = report.variants().stream()
                .map(variant -> Series.perLayer(variant.name(), figure.apply(variant.trained())))
                .toList();
        figure(title, explanation, series, () -> new Chart("layer", axis, THIRD, HEIGHT).perLayer(series));
    }

    private void layerTable() {
        html.element("details", List.of(), () -> {
            html.element("summary", "The same as a table");
            List<List<String>> rows = new ArrayList<>();
            for (VariantReport variant : report.variants()) {
                EvaluationResult result = variant.trained();
                for (int layer = 0; layer < result.maxActivationPerLayer().size(); layer++) {
                    boolean gated = !result.meanGateScorePerLayer().isEmpty();
                    rows.add(List.of(
                            variant.name(),
                            Integer.toString(layer),
                            Figures.decimal(result.firstTokenAttentionPerLayer().get(layer), 4),
                            Figures.significant(result.maxActivationPerLayer().get(layer)),
                            gated
                                    ? Figures.decimal(
                                            result.meanGateScorePerLayer().get(layer), 4)
                                    : Figures.NONE));
                }
            }
            table(List.of("variant", "layer", "F-Attn", "M-Act", "gate score"), rows);
        });
    }

    private void domains() {
        SortedSet<String> names = report.variants().stream()
                .flatMap(variant -> variant.trained().domains().keySet().stream())
                .collect(Collectors.toCollection(TreeSet::new));
        html.element("section", List.of(), () -> {
            html.element("h2", "Held-out loss by domain");
            key();
            List<String> titles = new ArrayList<>(List.of("domain", "tokens"));
            report.variants().forEach(variant -> titles.add(variant.name()));
            List<List<String>> rows = new ArrayList<>();
            for (String name : names) {
                List<String> row = new ArrayList<>();
                row.add(name);
                row.add(report.variants().stream()
                        .map(variant -> variant.trained().domains().get(name))
                        .filter(loss -> loss != null)
                        .findFirst()
                        .map(loss -> Figures.count(loss.tokens()))
                        .orElse(Figures.NONE));
                report.variants()
                        .forEach(variant ->
                                row.add(domainLoss(variant.trained().domains().get(name))));
                rows.add(row);
            }
            domainFigure(List.copyOf(names));
            table(titles, rows);
            html.element("p", List.of("class", "note"), "Loss in nats a token, and perplexity in parentheses.");
        });
    }

    private void domainFigure(List<String> names) {
        List<Series> series = report.variants().stream()
                .map(variant -> {
                    List<Series.Point> points = new ArrayList<>();
                    variant.trained()
                            .domains()
                            .forEach((name, loss) -> points.add(new Series.Point(loss.loss(), names.indexOf(name))));
                    return new Series(variant.name(), points);
                })
                .toList();
        int height = 70 + 34 * names.size();
        figure(
                "By domain",
                "After training; the further left, the better the model predicts it.",
                series,
                () -> new Chart("loss (nats a token)", "", WIDE, height).perCategory(series, names));
    }

    private static String domainLoss(DomainLoss loss) {
        return loss == null
                ? Figures.NONE
                : Figures.decimal(loss.loss(), 4) + " (" + Figures.significant(loss.perplexity()) + ")";
    }

    private void provenance() {
        Provenance provenance = report.provenance();
        html.element("section", List.of(), () -> {
            html.element("h2", "Provenance");
            html.element("dl", List.of(), () -> {
                report.variants().forEach(variant -> entry(variant.name(), variant.description()));
                entry("dataset", provenance.dataset() + " (hash " + provenance.datasetHash() + ")");
                entry(
                        "seeds",
                        provenance.seeds().entrySet().stream()
                                .map(seed -> seed.getKey() + " " + seed.getValue())
                                .collect(Collectors.joining(", ")));
                entry("backend", String.join("; ", provenance.backends()));
                entry("Spark master", provenance.master());
                entry(
                        "versions",
                        "Sluice " + provenance.sluice() + ", Spark " + provenance.spark() + ", ND4J "
                                + provenance.nd4j() + ", Java " + provenance.java());
                entry("host", provenance.operatingSystem() + ", " + provenance.hostCores() + " cores");
                entry("command", provenance.command());
            });
            html.element("details", List.of(), () -> {
                html.element("summary", "Job file");
                html.element("pre", provenance.jobFile());
            });
        });
    }

    private void entry(String term, String description) {
        html.element("dt", term);
        html.element("dd", description.isBlank() ? Figures.NONE : description);
    }

    private List<Series> curve(ToDoubleFunction<CurvePoint> figure) {
        return report.variants().stream()
                .map(variant -> new Series(
                        variant.name(),
                        variant.curve().stream()
                                .map(point -> new Series.Point(point.step(), figure.applyAsDouble(point)))
                                .toList()))
                .toList();
    }

    /** Which colour and marker is which variant, for all charts of a section. */
    private void key() {
        html.element("ul", List.of("class", "key"), () -> {
            for (int index = 0; index < report.variants().size(); index++) {
                String name = report.variants().get(index).name();
                String marker = Palette.marker(index);
                List<String> colour = List.of("class", Palette.styleClass(index), "aria-hidden", "true");
                html.element("li", List.of(), () -> html.element("span", colour, marker)
                        .element("span", name));
            }
        });
    }

    private void figure(String title, String explanation, List<Series> series, Supplier<String> chart) {
        html.element("figure", List.of("class", "chart", "aria-label", title), () -> {
            html.element("figcaption", List.of(), () -> {
                html.element("h3", title);
                html.element("p", explanation);
            });
            boolean something = series.stream().anyMatch(each -> !each.points().isEmpty());
            if (something) {
                html.trusted(chart.get());
            } else {
                html.element("p", List.of("class", "nothing"), "There is nothing to show here.");
            }
        });
    }

    /** The first column is a name, the others are figures. */
    private void table(List<String> titles, List<List<String>> rows) {
        html.element(
                "div",
                List.of("class", "scroll"),
                () -> html.element("table", List.of(), () -> {
                    html.element(
                            "thead",
                            List.of(),
                            () -> html.element(
                                    "tr",
                                    List.of(),
                                    () -> titles.forEach(title -> html.element("th", List.of("scope", "col"), title))));
                    html.element(
                            "tbody",
                            List.of(),
                            () -> rows.forEach(row -> html.element("tr", List.of(), () -> {
                                html.element("th", List.of("scope", "row"), row.get(0));
                                row.subList(1, row.size()).forEach(value -> html.element("td", value));
                            })));
                }));
    }

    private static String style() {
        try (InputStream resource = ReportHtml.class.getResourceAsStream("report.css")) {
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("the resource report.css of Sluice cannot be read", e);
        }
    }
}
