package org.sluice.evaluation.generation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import org.sluice.data.Tokenizer;

/** A tokenizer whose tokens are the 256 bytes by their values, and the end of text: a character of several bytes is several tokens. */
final class ByteTokenizer {
    static final int END_OF_TEXT = 256;
    static final int TOKENS = 257;

    private ByteTokenizer() {}

    static Tokenizer create() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.putArray("added_tokens")
                .addObject()
                .put("id", END_OF_TEXT)
                .put("content", "<|endoftext|>")
                .put("special", true);
        ObjectNode split = root.putObject("pre_tokenizer")
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", false);
        split.put("use_regex", true);
        root.putObject("decoder").put("type", "ByteLevel");
        ObjectNode model = root.putObject("model").put("type", "BPE");
        ObjectNode vocabulary = model.putObject("vocab");
        char next = 256;
        for (int value = 0; value < 256; value++) {
            // The alphabet of GPT-2: bytes that are visible in Latin-1 stand for themselves.
            boolean visible = (value >= '!' && value <= '~') || (value >= 0xA1 && value <= 0xAC) || value >= 0xAE;
            vocabulary.put(String.valueOf(visible ? (char) value : next++), value);
        }
        model.putArray("merges");
        return Tokenizer.of(root.toString().getBytes(StandardCharsets.UTF_8), "<|endoftext|>");
    }

    /** The tokens of a text: its bytes. */
    static int[] tokens(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int[] tokens = new int[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            tokens[i] = bytes[i] & 0xFF;
        }
        return tokens;
    }
}
