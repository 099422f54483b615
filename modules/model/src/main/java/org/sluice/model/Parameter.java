package org.sluice.model;

import org.sluice.tensor.Shape;

/**
 * One named tensor of a model, and where it lies in the flat parameter space.
 *
 * @param name as Hugging Face's Qwen3 names it: {@code model.layers.0.self_attn.q_proj.weight}
 * @param shape weights of projections are {@code [out, in]}, those of experts {@code [X, out, in]}
 * @param offset the first element, counted from the start of the flat space
 * @param decayed whether weight decay applies to it
 * @param initialMean the mean of its elements before training
 * @param initialStandardDeviation the standard deviation of its elements before training; 0 means that all equal the mean
 */
public record Parameter(
        String name, Shape shape, long offset, boolean decayed, double initialMean, double initialStandardDeviation) {

    public long elements() {
        return shape.elements();
    }

    /** The element of the flat space behind the last one of this parameter. */
    public long end() {
        return offset + elements();
    }
}
