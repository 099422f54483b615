package org.sluice.experiments.report;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.sluice.training.ExpertLoad;

/** What the routers of mixture-of-experts models did in training; nothing where no variant has experts. */
final class ExpertsSection implements Section {

    @Override
    public void write(ReportPage page) {
        boolean routed = page.report().variants().stream()
                .flatMap(variant -> variant.curve().stream())
                .anyMatch(point -> point.experts().isPresent());
        if (!routed) {
            return;
        }
        page.section("Experts", () -> {
            page.key();
            page.html().element("div", List.of("class", "triple"), () -> {
                curve(
                        page,
                        "Load-balance loss",
                        "1 when all experts are asked alike; the number of experts when one takes everything.",
                        "load-balance loss",
                        ExpertLoad::loadBalanceLoss);
                curve(
                        page,
                        "Router z-loss",
                        "The mean squared log-sum-exp of the routers' logits.",
                        "router z-loss",
                        ExpertLoad::routerZLoss);
                curve(
                        page,
                        "Largest share",
                        "The largest share of its layer's choices that one expert got.",
                        "share of choices",
                        ExpertLoad::largestShare);
                curve(
                        page,
                        "Idle experts",
                        "The share of the experts of all layers that got no token.",
                        "share of experts",
                        ExpertLoad::idleShare);
                curve(
                        page,
                        "Entropy",
                        "Of the shares of a layer's experts: 1 when all are asked alike, 0 when one takes everything.",
                        "entropy (1 = even)",
                        ExpertLoad::entropy);
            });
        });
    }

    private static void curve(
            ReportPage page, String title, String explanation, String axis, ToDoubleFunction<ExpertLoad> figure) {
        List<Series> series =
                page.curve(point -> point.experts().map(figure::applyAsDouble).orElse(Double.NaN));
        page.figure(title, explanation, series, () -> new Chart("step", axis, ReportPage.THIRD, ReportPage.HEIGHT)
                .curves(series));
    }
}
