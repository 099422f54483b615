package org.sluice.data;

import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Text to tokens and back, as a {@code tokenizer.json} says. Safe for several threads.
 *
 * <p>Byte-level BPE whose merges can be expressed as ranks is encoded by jtokkit, every other kind by Hugging Face's own library; both
 * give the same tokens. Special tokens never come out of text: text that spells {@code <|endoftext|>} is encoded as those characters.
 */
public final class Tokenizer {
    private static final Logger LOG = LoggerFactory.getLogger(Tokenizer.class);

    private final byte[] json;
    private final String fingerprint;
    private final String endOfTextToken;
    private final int endOfText;
    private final int vocabularySize;
    private final boolean ranked;
    private final TextCodec codec;

    private Tokenizer(byte[] json, String endOfTextToken) {
        this.json = json.clone();
        this.fingerprint = Digests.sha256(json);
        TokenizerFile file = TokenizerFile.parse(json);
        this.endOfTextToken = endOfTextToken;
        this.endOfText = file.endOfText(endOfTextToken);
        this.vocabularySize = file.vocabularySize();
        Supplier<TextCodec> exact = Once.of(() -> new NativeCodec(file, this.json));
        TextCodec chosen;
        boolean byRanks = true;
        try {
            chosen = new RankedCodec(BytePairRanks.of(file), file.addedTokens(), exact);
        } catch (BytePairRanks.NotRanked reason) {
            LOG.info("The tokenizer is read by Hugging Face's library, for {}", reason.getMessage());
            chosen = exact.get();
            byRanks = false;
        }
        this.codec = chosen;
        this.ranked = byRanks;
    }

    /**
     * Reads a tokenizer.
     *
     * @param json the bytes of a tokenizer.json
     * @param endOfTextToken which of its added tokens ends a document
     * @throws DatasetException if it is not a tokenizer.json or has no such token
     */
    public static Tokenizer of(byte[] json, String endOfTextToken) {
        return new Tokenizer(json, endOfTextToken);
    }

    /** The tokens of a text, without any special token, whatever the text says. */
    public int[] encode(String text) {
        return codec.encode(text);
    }

    /**
     * The text of tokens; special tokens are written out, bytes that are not UTF-8 become U+FFFD.
     *
     * @throws IllegalArgumentException if a token is not of this vocabulary
     */
    public String decode(int[] tokens) {
        for (int token : tokens) {
            if (token < 0 || token >= vocabularySize) {
                throw new IllegalArgumentException(
                        "token " + token + " is not in the vocabulary of " + vocabularySize + " tokens");
            }
        }
        return codec.decode(tokens);
    }

    /** One more than the largest token number. */
    public int vocabularySize() {
        return vocabularySize;
    }

    /** The number of the token that ends a document. */
    public int endOfText() {
        return endOfText;
    }

    /** The token that ends a document, as it is written. */
    public String endOfTextToken() {
        return endOfTextToken;
    }

    /** SHA-256 of the tokenizer.json, in hex. */
    public String fingerprint() {
        return fingerprint;
    }

    /** The bytes of the tokenizer.json. */
    public byte[] json() {
        return json.clone();
    }

    /** Whether jtokkit encodes, rather than Hugging Face's library. */
    boolean ranked() {
        return ranked;
    }

    /** Computes a value when it is first asked for. */
    private static final class Once<T> implements Supplier<T> {
        private final Supplier<T> source;
        private T value;

        private Once(Supplier<T> source) {
            this.source = source;
        }

        static <T> Supplier<T> of(Supplier<T> source) {
            return new Once<>(source);
        }

        @Override
        public synchronized T get() {
            if (value == null) {
                value = source.get();
            }
            return value;
        }
    }
}
