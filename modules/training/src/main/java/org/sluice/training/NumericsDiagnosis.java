package org.sluice.training;

import java.util.List;
import org.sluice.model.Decoder;
import org.sluice.model.Parameter;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Tensor;

/**
 * Looks for the tensor behind a number that is not finite.
 *
 * @param largest room for one number {@code [1]}, double precision
 */
record NumericsDiagnosis(Decoder decoder, Backend backend, Tensor largest) {

    private record Extreme(String name, double value) {}

    /** A parameter that is not finite is the cause; if there is none, the gradient that is not; if all are finite, the largest. */
    NumericsException exception(String what, long step, List<TrainingBlock> blocks) {
        List<Long> numbers = blocks.stream().map(TrainingBlock::number).toList();
        Extreme parameter = extreme("parameter ", decoder.parameters());
        Extreme gradient = extreme("gradient of ", decoder.gradients());
        boolean parameterFirst = !Double.isFinite(parameter.value())
                || (Double.isFinite(gradient.value()) && parameter.value() > gradient.value());
        Extreme chosen = parameterFirst ? parameter : gradient;
        return new NumericsException(what, step, numbers, chosen.name(), chosen.value());
    }

    private Extreme extreme(String prefix, Tensor flat) {
        Extreme result = new Extreme("", -1);
        for (Parameter parameter : decoder.layout().parameters()) {
            backend.statistics()
                    .maxAbsolute(flat.slice(parameter.name(), parameter.offset(), parameter.shape()), largest);
            double value = backend.memory().scalar(largest);
            if (!Double.isFinite(value)) {
                return new Extreme(prefix + parameter.name(), value);
            }
            if (value > result.value()) {
                result = new Extreme(prefix + parameter.name(), value);
            }
        }
        return result;
    }
}
