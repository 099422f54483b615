package org.sluice.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A byte-level BPE tokenizer as token numbers of byte strings, for encoders that merge whatever neighbouring bytes make the smallest
 * token number.
 *
 * <p>That rule gives the tokens that the merge list gives if (1) all 256 bytes are tokens, (2) each other token is made by exactly one
 * merge, (3) token numbers rise with the merges, and (4) the merge list, applied to a token's own bytes, gives that token. Then the
 * tokens within a token's span always go through the states that the token alone goes through, and the last of them is the pair of
 * the list. All four are checked here; a tokenizer that fails one is not read this way.
 */
final class BytePairRanks {
    private final Map<byte[], Integer> ranks;
    private final SplitPattern pattern;
    private final boolean composed;

    private BytePairRanks(Map<byte[], Integer> ranks, SplitPattern pattern, boolean composed) {
        this.ranks = ranks;
        this.pattern = pattern;
        this.composed = composed;
    }

    /** Says what about a tokenizer cannot be expressed by ranks. */
    static final class NotRanked extends Exception {
        private static final long serialVersionUID = 1L;

        NotRanked(String reason) {
            super(reason, null, false, false);
        }
    }

    static BytePairRanks of(TokenizerFile file) throws NotRanked {
        JsonNode root = file.root();
        JsonNode model = root.path("model");
        require("BPE".equals(model.path("type").asText("BPE")) && model.has("merges"), "its model is not BPE");
        for (String option : List.of("dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix")) {
            JsonNode value = model.path(option);
            boolean unset =
                    value.isMissingNode() || value.isNull() || value.asText("").isEmpty();
            require(unset || option.equals("unk_token"), "its model sets " + option);
        }
        require(!model.path("byte_fallback").asBoolean(), "its model falls back to bytes");
        require("ByteLevel".equals(root.path("decoder").path("type").asText()), "its decoder is not byte-level");
        JsonNode normalizer = root.path("normalizer");
        boolean composed = "NFC".equals(normalizer.path("type").asText());
        require(composed || normalizer.isNull() || normalizer.isMissingNode(), "its normalizer is not NFC");
        SplitPattern pattern = pattern(root.path("pre_tokenizer"));
        return new BytePairRanks(new Ranking(model, file.addedTokens()).verified(), pattern, composed);
    }

    /** Token numbers of byte strings. */
    Map<byte[], Integer> ranks() {
        return ranks;
    }

    SplitPattern pattern() {
        return pattern;
    }

    /** Whether text is brought to Unicode's composed form (NFC) first. */
    boolean composed() {
        return composed;
    }

    private static SplitPattern pattern(JsonNode preTokenizer) throws NotRanked {
        List<JsonNode> steps = new ArrayList<>();
        if ("Sequence".equals(preTokenizer.path("type").asText())) {
            preTokenizer.path("pretokenizers").forEach(steps::add);
        } else {
            steps.add(preTokenizer);
        }
        JsonNode last = steps.isEmpty() ? preTokenizer : steps.get(steps.size() - 1);
        require("ByteLevel".equals(last.path("type").asText()), "its pre-tokenizer is not byte-level");
        require(!last.path("add_prefix_space").asBoolean(true), "it puts a space before the text");
        boolean ownPattern = last.path("use_regex").asBoolean(true);
        if (steps.size() == 1) {
            require(ownPattern, "it does not cut text into words");
            return SplitPattern.GPT2;
        }
        JsonNode split = steps.get(0);
        boolean onePattern =
                steps.size() == 2 && "Split".equals(split.path("type").asText()) && !ownPattern;
        require(onePattern, "its pre-tokenizer is not one split and the byte level");
        String behavior = split.path("behavior").asText();
        boolean inverted = split.path("invert").asBoolean();
        require(
                (behavior.equals("Isolated") && !inverted) || (behavior.equals("Removed") && inverted),
                "its split is " + behavior);
        String regex = split.path("pattern").path("Regex").asText();
        return SplitPattern.of(regex)
                .orElseThrow(() -> new NotRanked("its split pattern is not a known one: " + regex));
    }

    private static void require(boolean condition, String otherwise) throws NotRanked {
        if (!condition) {
            throw new NotRanked(otherwise);
        }
    }

    /** The vocabulary and merges of one model while they are checked. */
    private static final class Ranking {
        private final Map<Integer, byte[]> bytesOfToken = new LinkedHashMap<>();
        private final Map<ByteBuffer, Integer> tokenOfBytes = new HashMap<>();
        private final Map<Long, Integer> tokenOfPair = new HashMap<>();

        Ranking(JsonNode model, List<TokenizerFile.AddedToken> addedTokens) throws NotRanked {
            Set<String> added = new HashSet<>();
            addedTokens.forEach(token -> added.add(token.content()));
            Iterator<Map.Entry<String, JsonNode>> entries =
                    model.path("vocab").properties().iterator();
            while (entries.hasNext()) {
                Map.Entry<String, JsonNode> entry = entries.next();
                if (added.contains(entry.getKey())) {
                    continue;
                }
                byte[] bytes = ByteAlphabet.read(entry.getKey());
                require(bytes != null && bytes.length > 0, "the token " + entry.getKey() + " is not of bytes");
                bytesOfToken.put(entry.getValue().asInt(), bytes);
                tokenOfBytes.put(ByteBuffer.wrap(bytes), entry.getValue().asInt());
            }
            for (int value = 0; value < 256; value++) {
                require(tokenOfBytes.containsKey(ByteBuffer.wrap(new byte[] {(byte) value})), "a byte has no token");
            }
            readMerges(model.path("merges"));
        }

        private void readMerges(JsonNode merges) throws NotRanked {
            int previous = -1;
            for (JsonNode merge : merges) {
                String[] pair = merge.isArray()
                        ? new String[] {merge.path(0).asText(), merge.path(1).asText()}
                        : merge.asText().split(" ", -1);
                require(pair.length == 2, "the merge " + merge + " is not of two tokens");
                Integer left = token(pair[0]);
                Integer right = token(pair[1]);
                Integer token = token(pair[0] + pair[1]);
                require(left != null && right != null && token != null, "the merge " + merge + " has no token");
                require(token > previous, "its token numbers do not rise with its merges");
                tokenOfPair.put((long) left << 32 | right, token);
                previous = token;
            }
            require(tokenOfPair.size() == bytesOfToken.size() - 256, "a token is not made by exactly one merge");
        }

        private Integer token(String written) {
            byte[] bytes = ByteAlphabet.read(written);
            return bytes == null ? null : tokenOfBytes.get(ByteBuffer.wrap(bytes));
        }

        /** Each key is an array that no other key equals; the map is only walked through. */
        @SuppressWarnings("ArrayAsKeyOfSetOrMap")
        Map<byte[], Integer> verified() throws NotRanked {
            Map<byte[], Integer> ranks = new LinkedHashMap<>();
            for (Map.Entry<Integer, byte[]> entry : bytesOfToken.entrySet()) {
                int[] tokens = applyMerges(entry.getValue());
                require(
                        tokens.length == 1 && tokens[0] == entry.getKey(),
                        "its merges do not make the token " + new String(entry.getValue(), StandardCharsets.UTF_8)
                                + " from its bytes");
                ranks.put(entry.getValue(), entry.getKey());
            }
            return ranks;
        }

        private int[] applyMerges(byte[] bytes) {
            int[] tokens = new int[bytes.length];
            for (int i = 0; i < bytes.length; i++) {
                tokens[i] = tokenOfBytes.get(ByteBuffer.wrap(new byte[] {bytes[i]}));
            }
            while (tokens.length > 1) {
                int best = Integer.MAX_VALUE;
                int at = -1;
                for (int i = 0; i + 1 < tokens.length; i++) {
                    int token = tokenOfPair.getOrDefault((long) tokens[i] << 32 | tokens[i + 1], Integer.MAX_VALUE);
                    if (token < best) {
                        best = token;
                        at = i;
                    }
                }
                if (at < 0) {
                    break;
                }
                int[] merged = Arrays.copyOf(tokens, tokens.length - 1);
                merged[at] = best;
                System.arraycopy(tokens, at + 2, merged, at + 1, tokens.length - at - 2);
                tokens = merged;
            }
            return tokens;
        }
    }
}
