/**
 * What a model does on held-out text: loss and perplexity, attention sinks, massive activations and gate scores.
 *
 * <p>The measures are those of "Gated Attention for Large Language Models" (arXiv 2505.06708):
 *
 * <ul>
 *   <li><b>held-out loss</b>: the cross-entropy in nats, averaged over all tokens that the model has to predict; <b>perplexity</b> is
 *       {@code exp(loss)}.
 *   <li><b>F-Attn</b>, first-token attention: the probability that a query gives to the first token that it may see (the start of its
 *       document, or of the block where the document began earlier), averaged over queries, heads and layers.
 *   <li><b>M-Act</b>, massive activation: the largest absolute value in a layer's output over all tokens, averaged over layers.
 *   <li><b>gate score</b>: the activation of a gate's logits, averaged over all scores of a layer, over layers, and over the gates of
 *       a model that has several.
 *   <li><b>before and after the gate</b>: the mean absolute value of what is gated, and the share of values below 1e-2 and 1e-3; and the
 *       same shares if every score were the mean score of its layer, which tells sparsity that depends on the query from mere scale.
 * </ul>
 *
 * <p>Padding at the end of a block counts in none of them: see {@link org.sluice.evaluation.RealRows}.
 */
package org.sluice.evaluation;
