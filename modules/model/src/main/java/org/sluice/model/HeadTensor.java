package org.sluice.model;

import org.sluice.tensor.Tensor;

/**
 * The same memory under the two shapes in which attention needs it.
 *
 * @param byHead {@code [B, T, heads, E]}, or {@code [B, T, heads]} with one number for each head
 * @param rows {@code [N, heads * E]}, or {@code [N, heads]}, for matrix products
 */
record HeadTensor(Tensor byHead, Tensor rows) {}
