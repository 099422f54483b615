package org.sluice.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What stands in a {@code tokenizer.json}: reading, checking, and writing it for a tokenizer that was trained here. */
final class TokenizerFile {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final JsonNode root;
    private final List<AddedToken> addedTokens;

    /** A token beside the model's own: found in text as it stands (unless special), never merged. */
    record AddedToken(int id, String content, boolean special) {}

    private TokenizerFile(JsonNode root, List<AddedToken> addedTokens) {
        this.root = root;
        this.addedTokens = addedTokens;
    }

    /** @throws DatasetException if the bytes are not a tokenizer.json */
    static TokenizerFile parse(byte[] json) {
        JsonNode root;
        try {
            root = JSON.readTree(json);
        } catch (IOException e) {
            throw new DatasetException("the tokenizer is not a JSON file: " + e.getMessage(), e);
        }
        if (root == null || !root.path("model").path("vocab").isContainerNode()) {
            throw new DatasetException("the tokenizer has no model with a vocabulary;"
                    + " it must be a tokenizer.json as Hugging Face's tokenizers write it");
        }
        List<AddedToken> added = new ArrayList<>();
        for (JsonNode token : root.path("added_tokens")) {
            added.add(new AddedToken(
                    token.path("id").asInt(),
                    token.path("content").asText(),
                    token.path("special").asBoolean()));
        }
        return new TokenizerFile(root, List.copyOf(added));
    }

    /** The tokenizer.json of a byte-level BPE tokenizer: bytes, merges, and one special token at the end. */
    static byte[] write(List<BytePairTrainer.Merge> merges, String endOfText, SplitPattern pattern) {
        List<byte[]> tokens = new ArrayList<>();
        for (int value = 0; value < BytePairTrainer.FIRST_MERGE; value++) {
            tokens.add(new byte[] {(byte) value});
        }
        ArrayNode mergeLines = JSON.createArrayNode();
        for (BytePairTrainer.Merge merge : merges) {
            byte[] left = tokens.get(merge.left());
            byte[] right = tokens.get(merge.right());
            byte[] both = java.util.Arrays.copyOf(left, left.length + right.length);
            System.arraycopy(right, 0, both, left.length, right.length);
            tokens.add(both);
            mergeLines.add(ByteAlphabet.write(left) + " " + ByteAlphabet.write(right));
        }
        ObjectNode vocabulary = JSON.createObjectNode();
        for (int id = 0; id < tokens.size(); id++) {
            vocabulary.put(ByteAlphabet.write(tokens.get(id)), id);
        }
        ObjectNode root = frame(endOfText, tokens.size(), pattern);
        ((ObjectNode) root.get("model")).set("vocab", vocabulary);
        ((ObjectNode) root.get("model")).set("merges", mergeLines);
        return bytes(root);
    }

    private static ObjectNode frame(String endOfText, int endOfTextId, SplitPattern pattern) {
        ObjectNode root = JSON.createObjectNode();
        root.put("version", "1.0").putNull("truncation").putNull("padding");
        root.putArray("added_tokens")
                .addObject()
                .put("id", endOfTextId)
                .put("content", endOfText)
                .put("single_word", false)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", false)
                .put("special", true);
        root.putNull("normalizer");
        ArrayNode steps =
                root.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
        ObjectNode split = steps.addObject().put("type", "Split");
        split.putObject("pattern").put("Regex", pattern.regex());
        split.put("behavior", "Isolated").put("invert", false);
        byteLevel(steps.addObject());
        root.putNull("post_processor");
        byteLevel(root.putObject("decoder"));
        root.putObject("model")
                .put("type", "BPE")
                .putNull("dropout")
                .putNull("unk_token")
                .putNull("continuing_subword_prefix")
                .putNull("end_of_word_suffix")
                .put("fuse_unk", false)
                .put("byte_fallback", false)
                .put("ignore_merges", false);
        return root;
    }

    private static void byteLevel(ObjectNode node) {
        node.put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", false)
                .put("use_regex", false);
    }

    JsonNode root() {
        return root;
    }

    List<AddedToken> addedTokens() {
        return addedTokens;
    }

    /** One more than the largest token number. */
    int vocabularySize() {
        int largest = -1;
        JsonNode vocabulary = root.path("model").path("vocab");
        if (vocabulary.isArray()) {
            // Unigram models list pieces; the place in the list is the number.
            largest = vocabulary.size() - 1;
        } else {
            for (JsonNode id : vocabulary) {
                largest = Math.max(largest, id.asInt());
            }
        }
        for (AddedToken token : addedTokens) {
            largest = Math.max(largest, token.id());
        }
        return largest + 1;
    }

    /** The number of the token that ends documents. @throws DatasetException if there is no such token */
    int endOfText(String content) {
        for (AddedToken token : addedTokens) {
            if (token.content().equals(content)) {
                return token.id();
            }
        }
        throw new DatasetException("the tokenizer has no end-of-text token '" + content + "'; its added tokens are "
                + addedTokens.stream().map(AddedToken::content).limit(20).toList()
                + ". Name the one that ends a document");
    }

    /**
     * The same tokenizer for reading plain text to its end: without truncation, padding and template, and with special tokens renamed to
     * what no document can hold. They are not left out, for Hugging Face's library numbers added tokens by their places.
     */
    byte[] forPlainText() {
        ObjectNode copy = root.deepCopy();
        copy.putNull("truncation").putNull("padding").putNull("post_processor");
        String unknown = root.path("model").path("unk_token").asText(null);
        for (JsonNode token : copy.path("added_tokens")) {
            String content = token.path("content").asText();
            // What stands for all that a vocabulary does not know must keep its name.
            if (token.path("special").asBoolean() && !content.equals(unknown)) {
                String renamed = "\0special " + token.path("id").asInt() + "\0";
                ((ObjectNode) token).put("content", renamed);
                rename(copy.path("model").path("vocab"), content, renamed);
            }
        }
        return bytes(copy);
    }

    private static void rename(JsonNode vocabulary, String content, String renamed) {
        if (vocabulary.has(content)) {
            ObjectNode ids = (ObjectNode) vocabulary;
            ids.set(renamed, ids.remove(content));
        }
        if (vocabulary.isArray()) {
            for (JsonNode piece : vocabulary) {
                if (piece.path(0).asText().equals(content)) {
                    ((ArrayNode) piece).set(0, renamed);
                }
            }
        }
    }

    private static byte[] bytes(JsonNode node) {
        try {
            return JSON.writeValueAsString(node).getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a JSON tree can always be written", e);
        }
    }
}
