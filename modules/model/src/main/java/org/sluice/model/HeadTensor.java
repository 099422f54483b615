package org.sluice.model;

import org.sluice.tensor.Tensor;

/**
 * The same memory under the two shapes in which attention needs it.
 *
 * @param byHead {@code [B, T, H, E]}, for attention
 * @param rows {@code [N, H * E]}, for matrix products
 */
record HeadTensor(Tensor byHead, Tensor rows) {}
