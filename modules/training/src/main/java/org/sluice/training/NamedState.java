package org.sluice.training;

import org.sluice.tensor.Tensor;

/**
 * A part of the optimizer's state: as many elements as the model has parameters, in the order of its layout.
 *
 * @param name {@code first_moment} or {@code second_moment}
 */
public record NamedState(String name, Tensor tensor) {}
