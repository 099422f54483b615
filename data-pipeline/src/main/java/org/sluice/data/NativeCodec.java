package org.sluice.data;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;

/** Hugging Face's own tokenizer library, by DJL: it reads every kind of tokenizer.json. */
final class NativeCodec implements TextCodec {
    private static final String FLAVOR_PROPERTY = "RUST_FLAVOR";
    private static final Map<String, String> WHOLE_TEXT =
            Map.of("truncation", "DO_NOT_TRUNCATE", "padding", "DO_NOT_PAD", "addSpecialTokens", "false");

    private final HuggingFaceTokenizer encoder;
    private final HuggingFaceTokenizer decoder;

    NativeCodec(TokenizerFile file, byte[] json) {
        if (System.getenv(FLAVOR_PROPERTY) == null && System.getProperty(FLAVOR_PROPERTY) == null) {
            // On a host with a GPU the library would fetch a CUDA build that tokenizers have no use for.
            System.setProperty(FLAVOR_PROPERTY, "cpu");
        }
        this.encoder = load(file.forPlainText());
        this.decoder = load(json);
        for (TokenizerFile.AddedToken token : file.addedTokens()) {
            requireNumber(token);
        }
    }

    private void requireNumber(TokenizerFile.AddedToken token) {
        int[] read = token.special() ? new int[] {token.id()} : encode(token.content());
        String written = decode(new int[] {token.id()});
        if (read.length != 1
                || read[0] != token.id()
                || !written.contains(token.content().strip())) {
            throw new DatasetException("the tokenizer's added token '" + token.content() + "' has the number "
                    + token.id() + ", but Hugging Face's library reads it as " + Arrays.toString(read)
                    + " and writes that number as '" + written + "'; number added tokens as the library does");
        }
    }

    private static HuggingFaceTokenizer load(byte[] json) {
        try {
            return HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), WHOLE_TEXT);
        } catch (IOException | RuntimeException | LinkageError e) {
            throw new DatasetException(
                    "Hugging Face's tokenizer library cannot load the tokenizer: " + e.getMessage()
                            + ". The library unpacks itself into the folder that DJL_CACHE_DIR names (by default"
                            + " ~/.djl.ai), which must be writable, and exists for Linux, macOS and Windows on"
                            + " x86-64 and ARM64",
                    e);
        }
    }

    @Override
    public int[] encode(String text) {
        long[] ids = encoder.encode(text, false, false).getIds();
        int[] tokens = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            tokens[i] = Math.toIntExact(ids[i]);
        }
        return tokens;
    }

    @Override
    public String decode(int[] tokens) {
        long[] ids = new long[tokens.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = tokens[i];
        }
        return decoder.decode(ids, false);
    }
}
