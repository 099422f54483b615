package org.sluice.evaluation.generation;

import java.util.List;

/**
 * What a batch of requests gave.
 *
 * @param continuations in the order of the requests
 * @param promptTokens of all prompts, without padding
 * @param promptSeconds until the logits behind the prompts were there
 * @param generatedTokens of all continuations, end-of-text tokens too
 * @param decodedTokens those of them that a pass of their own gave: all but the first of each continuation
 * @param decodingSeconds of these passes
 */
public record GenerationResult(
        List<Continuation> continuations,
        long promptTokens,
        double promptSeconds,
        long generatedTokens,
        long decodedTokens,
        double decodingSeconds) {

    /** Of the decoding alone; 0 if nothing was decoded. */
    public double tokensPerSecond() {
        return decodedTokens == 0 ? 0 : decodedTokens / decodingSeconds;
    }
}
