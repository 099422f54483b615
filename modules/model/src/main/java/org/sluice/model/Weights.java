package org.sluice.model;

import java.util.Optional;
import org.sluice.tensor.Arena;
import org.sluice.tensor.DType;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/**
 * The flat space of parameters, that of their gradients where the decoder trains, and the views of single parameters into both.
 *
 * @param values {@code [P]}
 * @param gradients {@code [P]}, empty in evaluation
 */
record Weights(ParameterLayout layout, Tensor values, Optional<Tensor> gradients) {

    static Weights allocate(Arena arena, DType dtype, ParameterLayout layout, DecoderMode mode) {
        Shape flat = Shape.of(layout.elements());
        return new Weights(
                layout,
                arena.allocate("parameters", dtype, flat),
                mode == DecoderMode.TRAINING
                        ? Optional.of(arena.allocate("gradients", dtype, flat))
                        : Optional.empty());
    }

    /** The classifier's weight {@code [V, D]}. */
    Weight classifier(DecoderConfig config) {
        return named(config.tiedEmbedding() ? ParameterNames.EMBEDDING : ParameterNames.CLASSIFIER);
    }

    /** The parameter of that name with its gradient. */
    Weight named(String name) {
        Parameter parameter = layout.named(name);
        return new Weight(
                values.slice(name, parameter.offset(), parameter.shape()),
                gradients.map(flat -> flat.slice(name + ".gradient", parameter.offset(), parameter.shape())));
    }
}
