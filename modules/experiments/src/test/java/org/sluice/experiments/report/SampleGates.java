package org.sluice.experiments.report;

import java.util.ArrayList;
import java.util.List;
import org.sluice.evaluation.GateFigures;
import org.sluice.evaluation.ScoreHistogram;
import org.sluice.evaluation.ValueFigures;
import org.sluice.model.GateConfig;

/** Made-up figures of gates for tests. */
final class SampleGates {
    private SampleGates() {}

    /** A gate that has these mean scores, whose values are a hundredth as large after it as before it. */
    static GateFigures gate(GateConfig gate, Double... meanScores) {
        List<Double> before = new ArrayList<>();
        List<Double> after = new ArrayList<>();
        List<Double> small = new ArrayList<>();
        List<ScoreHistogram> histograms = new ArrayList<>();
        for (int layer = 0; layer < meanScores.length; layer++) {
            before.add(0.5 + layer);
            after.add((0.5 + layer) / 100);
            small.add(0.125 * (1 + layer % 4));
            histograms.add(histogram(meanScores[layer]));
        }
        return new GateFigures(
                gate.position(),
                gate.granularity(),
                gate.toString(),
                List.of(meanScores),
                new ValueFigures(before, small, halves(small)),
                new ValueFigures(after, doubles(small), small),
                new ValueFigures(after, halves(small), halves(halves(small))),
                histograms);
    }

    /** Most scores near 0, falling off so that the mean is about the given one. */
    private static ScoreHistogram histogram(double mean) {
        List<Long> counts = new ArrayList<>();
        for (int bin = 0; bin < ScoreHistogram.BINS; bin++) {
            counts.add(Math.round(100_000 * Math.exp(-(bin + 0.5) / ScoreHistogram.BINS / mean)));
        }
        return new ScoreHistogram(0, 1, counts);
    }

    private static List<Double> halves(List<Double> values) {
        return values.stream().map(value -> value / 2).toList();
    }

    private static List<Double> doubles(List<Double> values) {
        return values.stream().map(value -> value * 2).toList();
    }
}
