package org.sluice.data;

/**
 * The tokenizer of a dataset: one that the user brings, or one trained on the corpus.
 *
 * @param path a {@code tokenizer.json} as Hugging Face writes it, on any file system that Hadoop knows; null: train a byte-level BPE
 *     tokenizer on the corpus
 * @param vocabularySize tokens of a trained tokenizer, the 256 bytes and the end-of-text token included; 257 to 1,048,576. A small
 *     corpus may give fewer. Ignored with a path
 * @param minimumFrequency how often a pair of tokens must occur to be merged; at least 1. Ignored with a path
 * @param sampleBytes train on about this many bytes of text, chosen by document hash; at least 1. Ignored with a path
 * @param endOfText the token that ends a document. A trained tokenizer gets it as its one special token; a brought one must have it
 */
public record TokenizerConfig(
        String path, int vocabularySize, long minimumFrequency, long sampleBytes, String endOfText) {
    /** The end-of-text token where none is named. */
    public static final String DEFAULT_END_OF_TEXT = "<|endoftext|>";

    /** The vocabulary size where none is named. */
    public static final int DEFAULT_VOCABULARY_SIZE = 32_768;

    /** How often a pair must occur where nothing is named. */
    public static final long DEFAULT_MINIMUM_FREQUENCY = 2;

    /** The size of the training sample where none is named: 4 GiB. */
    public static final long DEFAULT_SAMPLE_BYTES = 4L << 30;

    private static final int SMALLEST_VOCABULARY = 257;
    private static final int LARGEST_VOCABULARY = 1 << 20;

    /** @throws IllegalArgumentException if a value is out of its range */
    public TokenizerConfig {
        if (path != null && path.isBlank()) {
            throw new IllegalArgumentException("the tokenizer's path is empty; name a tokenizer.json or leave it out");
        }
        if (vocabularySize < SMALLEST_VOCABULARY || vocabularySize > LARGEST_VOCABULARY) {
            throw new IllegalArgumentException("the tokenizer's vocabulary size (" + vocabularySize
                    + ") must be between " + SMALLEST_VOCABULARY + " and " + LARGEST_VOCABULARY);
        }
        if (minimumFrequency < 1) {
            throw new IllegalArgumentException(
                    "the tokenizer's minimum frequency (" + minimumFrequency + ") must be at least 1");
        }
        if (sampleBytes < 1) {
            throw new IllegalArgumentException("the tokenizer's sample (" + sampleBytes + " bytes) must be at least 1");
        }
        endOfText = endOfText == null ? DEFAULT_END_OF_TEXT : endOfText;
        if (endOfText.isBlank()) {
            throw new IllegalArgumentException(
                    "the end-of-text token is empty; leave it out for " + DEFAULT_END_OF_TEXT);
        }
    }

    /** A tokenizer trained on the corpus, all else by default. */
    public static TokenizerConfig trained(int vocabularySize) {
        return new TokenizerConfig(
                null, vocabularySize, DEFAULT_MINIMUM_FREQUENCY, DEFAULT_SAMPLE_BYTES, DEFAULT_END_OF_TEXT);
    }

    /** A tokenizer that the user brings. */
    public static TokenizerConfig file(String path, String endOfText) {
        return new TokenizerConfig(
                path, DEFAULT_VOCABULARY_SIZE, DEFAULT_MINIMUM_FREQUENCY, DEFAULT_SAMPLE_BYTES, endOfText);
    }
}
