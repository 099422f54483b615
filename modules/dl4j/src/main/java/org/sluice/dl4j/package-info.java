/**
 * Sluice's gated attention for networks of DeepLearning4j: {@link org.sluice.dl4j.GatedSelfAttentionLayer} computes what the attention of
 * a Sluice decoder computes, with {@link org.sluice.dl4j.AttentionSettings} for its settings, and
 * {@link org.sluice.dl4j.CheckpointWeights} fills it from a checkpoint.
 *
 * <p>The forward is a graph of SameDiff in two parts, one for attention and one for what stands at its positions; ND4J differentiates it.
 * Sluice's decoder has its own forward and backward, and the tests hold this one to that.
 *
 * <p>The legend of dimensions is that of {@link org.sluice.tensor}.
 */
package org.sluice.dl4j;
