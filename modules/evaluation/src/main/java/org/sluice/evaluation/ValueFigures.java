package org.sluice.evaluation;

import java.util.List;

/**
 * How large the values on one side of a gate are, layer by layer.
 *
 * @param meanAbsolute the mean absolute value
 * @param shareBelowHundredth the share of absolute values below 1e-2
 * @param shareBelowThousandth the share of absolute values below 1e-3
 */
public record ValueFigures(
        List<Double> meanAbsolute, List<Double> shareBelowHundredth, List<Double> shareBelowThousandth) {
    public ValueFigures {
        meanAbsolute = List.copyOf(meanAbsolute);
        shareBelowHundredth = List.copyOf(shareBelowHundredth);
        shareBelowThousandth = List.copyOf(shareBelowThousandth);
    }

    static ValueFigures of(List<ValueSums> layers) {
        return new ValueFigures(
                layers.stream().map(ValueSums::meanAbsolute).toList(),
                layers.stream().map(ValueSums::shareBelowHundredth).toList(),
                layers.stream().map(ValueSums::shareBelowThousandth).toList());
    }
}
