package org.sluice.evaluation.generation;

import java.util.Arrays;
import org.sluice.data.Tokenizer;

/**
 * The text of tokens that come one by one. A character whose bytes are spread over several tokens comes out once it is whole.
 *
 * <p>Tokens are decoded together with some before them, as decoders may treat the beginning of a text in another way. What ends in
 * U+FFFD, which stands for bytes that are not UTF-8, may be the beginning of a character, of up to three bytes, and is held back.
 */
final class IncrementalText {
    private static final int CONTEXT_TOKENS = 8;
    private static final int LONGEST_BEGINNING = 3;
    private static final char REPLACEMENT = '\uFFFD';

    private final Tokenizer tokenizer;
    private int[] tokens;

    /** The tokens before it have been given out wholly, and those from it on make one piece of text together with the next. */
    private int boundary;

    /** How much of the text of {@link #tokens} has been given out. */
    private int given;

    /** @param before the tokens in front of the text */
    IncrementalText(Tokenizer tokenizer, int[] before) {
        this.tokenizer = tokenizer;
        this.tokens = Arrays.copyOfRange(before, Math.max(0, before.length - CONTEXT_TOKENS), before.length);
        this.boundary = tokens.length;
        this.given = tokenizer.decode(tokens).length();
    }

    /** What a token adds to the text; empty if it ends within a character. */
    String add(int token) {
        tokens = Arrays.copyOf(tokens, tokens.length + 1);
        tokens[tokens.length - 1] = token;
        String text = tokenizer.decode(tokens);
        String piece = upTo(text.length() - beginningAtEnd(text), text);
        if (given == text.length()) {
            tokens = Arrays.copyOfRange(tokens, boundary, tokens.length);
            boundary = tokens.length;
            given = tokenizer.decode(tokens).length();
        }
        return piece;
    }

    /** What was held back, at the end of the text. */
    String rest() {
        String text = tokenizer.decode(tokens);
        return upTo(text.length(), text);
    }

    private String upTo(int end, String text) {
        if (end <= given) {
            return "";
        }
        String piece = text.substring(given, end);
        given = end;
        return piece;
    }

    /** How many characters at the end may turn out to be the beginning of one. */
    private static int beginningAtEnd(String text) {
        int length = 0;
        while (length < Math.min(LONGEST_BEGINNING, text.length())
                && text.charAt(text.length() - 1 - length) == REPLACEMENT) {
            length++;
        }
        return length;
    }
}
