package org.sluice.evaluation.generation;

import java.util.Arrays;
import java.util.Optional;
import org.sluice.data.Tokenizer;

/** One continuation while it grows. */
final class GrowingText {
    private final Tokenizer tokenizer;
    private final Sampler sampler;
    private final IncrementalText decoded;
    private final StopScan scan;
    private final StringBuilder text = new StringBuilder();
    private final int[] tokens;
    private int count;
    private Ending ending;

    GrowingText(Tokenizer tokenizer, GenerationRequest request, GenerationConfig config) {
        this.tokenizer = tokenizer;
        this.sampler = new Sampler(config.sampling(), config.random(request.sample()));
        this.decoded = new IncrementalText(tokenizer, request.prompt());
        this.scan = new StopScan(config.stops());
        this.tokens = new int[config.maximumTokens()];
    }

    boolean ended() {
        return ending != null;
    }

    /** The number of the last token; of a text that has ended any token, which nobody reads. */
    int lastToken() {
        return ended() ? tokenizer.endOfText() : tokens[count - 1];
    }

    /**
     * Draws the next token.
     *
     * @param logits of several sequences
     * @param offset where those of this sequence begin
     * @return the text that is now final, if any
     */
    Optional<String> grow(double[] logits, int offset) {
        int token = sampler.next(logits, offset, tokenizer.vocabularySize());
        String piece = token == tokenizer.endOfText() ? end(Ending.END_OF_TEXT) : append(token);
        text.append(piece);
        return piece.isEmpty() ? Optional.empty() : Optional.of(piece);
    }

    private String append(int token) {
        tokens[count] = token;
        count++;
        String piece = scan.add(decoded.add(token));
        if (scan.found()) {
            ending = Ending.STOP_STRING;
            return piece;
        }
        return count == tokens.length ? piece + end(Ending.LENGTH) : piece;
    }

    /** Ends the text; what was held back comes out, and may yet be a stop string. */
    private String end(Ending reason) {
        String piece = scan.add(decoded.rest());
        ending = scan.found() ? Ending.STOP_STRING : reason;
        return piece + scan.rest();
    }

    Continuation continuation() {
        return new Continuation(text.toString(), Arrays.copyOf(tokens, count), ending);
    }
}
