/**
 * The op contract: what a transformer step asks of a machine.
 *
 * <p>Model code is written once against {@link org.sluice.tensor.Backend} and runs on every backend that keeps the contract. The
 * interfaces here are the formulas; the contract's tests hold each backend to them in double precision.
 *
 * <p>The legend of dimensions, used in all Javadoc and in names such as {@code [B, T, H, E]}:
 *
 * <ul>
 *   <li>{@code B} sequences of a batch, {@code T} tokens of a sequence, {@code N = B * T} rows
 *   <li>{@code D} hidden size, {@code F} feed-forward size, {@code V} vocabulary
 *   <li>{@code H} query heads, {@code K} key/value heads, {@code E} head dimension
 * </ul>
 */
package org.sluice.tensor;
