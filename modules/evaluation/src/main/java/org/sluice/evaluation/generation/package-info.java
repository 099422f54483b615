/**
 * Text from a trained model: prompts are continued token by token.
 *
 * <p>{@link org.sluice.evaluation.generation.Generator} runs a batch of prompts; {@link
 * org.sluice.evaluation.generation.SamplingConfig} says how the next token is drawn from the model's logits; a {@link
 * org.sluice.evaluation.generation.Continuation} is what comes out.
 */
package org.sluice.evaluation.generation;
