package org.sluice.jobs.generate;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;

/** The {@code tokenizer.json} of a tokenizer of bytes. */
public final class TinyTokenizer {
    /** The 256 bytes, and the token that ends a text. */
    public static final int TOKENS = 257;

    private TinyTokenizer() {}

    /** @param endOfText how the last token is written */
    public static byte[] json(String endOfText) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.putArray("added_tokens")
                .addObject()
                .put("id", TOKENS - 1)
                .put("content", endOfText)
                .put("special", true);
        root.putObject("pre_tokenizer")
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", false)
                .put("use_regex", true);
        root.putObject("decoder").put("type", "ByteLevel");
        ObjectNode model = root.putObject("model").put("type", "BPE");
        ObjectNode vocabulary = model.putObject("vocab");
        char next = 256;
        for (int value = 0; value < TOKENS - 1; value++) {
            // The alphabet of GPT-2: bytes that are visible in Latin-1 stand for themselves.
            boolean visible = (value >= '!' && value <= '~') || (value >= 0xA1 && value <= 0xAC) || value >= 0xAE;
            vocabulary.put(String.valueOf(visible ? (char) value : next++), value);
        }
        model.putArray("merges");
        return root.toString().getBytes(StandardCharsets.UTF_8);
    }
}
