/**
 * Gated-attention decoders: their shapes, their parameters, and the explicit forward and backward of every layer, written once against
 * {@link org.sluice.tensor.Backend}.
 *
 * <p>Where to begin reading:
 *
 * <ol>
 *   <li>{@link org.sluice.model.DecoderConfig}, {@link org.sluice.model.GateConfig} and {@link org.sluice.model.Presets}: which model
 *   <li>{@link org.sluice.model.ParameterLayout}: its parameters in one flat space
 *   <li>{@link org.sluice.model.TokenBatch}: what goes in
 *   <li>{@link org.sluice.model.Decoder}: the whole pass, from tokens to loss and back
 *   <li>{@link org.sluice.model.DecoderBlock}, then {@link org.sluice.model.AttentionLayer} with its
 *       {@link org.sluice.model.AttentionGate}, {@link org.sluice.model.FeedForwardLayer}, {@link org.sluice.model.ResidualNorm} and
 *       {@link org.sluice.model.ClassifierHead}: its parts, each a forward and a backward with formulas
 *   <li>{@link org.sluice.model.DecoderBuilder} and {@link org.sluice.model.DecoderMemory}: who has which memory, and how much
 *   <li>{@link org.sluice.model.ForwardObserver}: how evaluation looks inside
 *   <li>{@link org.sluice.model.CachedDecoder}: the same layers token by token, for generation
 * </ol>
 *
 * <p>Each layer keeps what its backward needs in records named {@code Activations}, allocated once; gradients on the way back are in
 * memory that all layers share. There is no tape and no graph: the backward of a class stands below its forward and does the same in the
 * other order. In the tests, {@code PlainDecoder} is the whole forward in plain loops: the quickest way to see what is computed.
 *
 * <p>The legend of dimensions is that of {@link org.sluice.tensor}.
 */
package org.sluice.model;
