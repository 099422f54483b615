package org.sluice.evaluation;

import java.util.List;
import java.util.Objects;
import org.sluice.model.GateConfig;
import org.sluice.model.GateGranularity;
import org.sluice.model.GatePosition;

/**
 * The figures of one gate of a model. Layers are listed from the embedding on.
 *
 * @param position where it stands in every attention layer
 * @param granularity how many scores it has
 * @param description the gate in words, as {@link GateConfig#toString} has them
 * @param meanScorePerLayer the mean score of each layer
 * @param before what is gated
 * @param after the gated values
 * @param withMeanScore what the gated values would be if every score were the mean score of the layer over the same token block
 * @param histogramPerLayer of the scores of each layer
 */
public record GateFigures(
        GatePosition position,
        GateGranularity granularity,
        String description,
        List<Double> meanScorePerLayer,
        ValueFigures before,
        ValueFigures after,
        ValueFigures withMeanScore,
        List<ScoreHistogram> histogramPerLayer) {

    public GateFigures {
        Objects.requireNonNull(position, "position");
        Objects.requireNonNull(granularity, "granularity");
        Objects.requireNonNull(description, "description");
        meanScorePerLayer = List.copyOf(meanScorePerLayer);
        Objects.requireNonNull(before, "before");
        Objects.requireNonNull(after, "after");
        Objects.requireNonNull(withMeanScore, "withMeanScore");
        histogramPerLayer = List.copyOf(histogramPerLayer);
    }

    /** @param layers the sums of one gate, one entry a layer */
    static GateFigures of(List<GateSums> layers) {
        GateConfig gate = layers.get(0).gate();
        return new GateFigures(
                gate.position(),
                gate.granularity(),
                gate.toString(),
                layers.stream().map(GateSums::meanScore).toList(),
                ValueFigures.of(layers.stream().map(GateSums::before).toList()),
                ValueFigures.of(layers.stream().map(GateSums::after).toList()),
                ValueFigures.of(layers.stream().map(GateSums::withMeanScore).toList()),
                layers.stream().map(GateSums::histogram).toList());
    }

    /** The mean of {@code meanScorePerLayer}. */
    public double meanScore() {
        return EvaluationResult.mean(meanScorePerLayer);
    }
}
