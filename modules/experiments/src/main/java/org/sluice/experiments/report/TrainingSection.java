package org.sluice.experiments.report;

import java.util.List;

/** Loss, gradient norm and learning rate over the training steps. */
final class TrainingSection implements Section {

    @Override
    public void write(ReportPage page) {
        page.section("Training", () -> {
            page.key();
            List<Series> losses = page.curve(CurvePoint::loss);
            page.figure(
                    "Training loss",
                    "Each step's loss on the blocks that it trained on, as its moving mean, which ends in a straight line"
                            + " through the last steps; with few variants each step lies faintly behind it.",
                    losses,
                    () -> new Chart("step", "loss (nats a token)", ReportPage.WIDE, 360).curves(losses));
            page.html().element("div", List.of("class", "pair"), () -> {
                List<Series> norms = page.curve(CurvePoint::gradientNorm);
                page.figure("Gradient norm", "Of all parameters together, before clipping.", norms, () -> new Chart(
                                "step", "gradient norm", ReportPage.HALF, ReportPage.HEIGHT)
                        .curves(norms));
                List<Series> rates = page.curve(CurvePoint::learningRate);
                page.figure(
                        "Learning rate",
                        "As scheduled; variants with the same schedule lie on one line.",
                        rates,
                        () -> new Chart("step", "learning rate", ReportPage.HALF, ReportPage.HEIGHT).lines(rates));
            });
        });
    }
}
