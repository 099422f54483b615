package org.sluice.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TokenizerTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LAST_PRIVATE_PLANE = 0xF0000;
    private static final String END = TokenizerConfig.DEFAULT_END_OF_TEXT;

    /** Hugging Face's library on the file as it stands. */
    private static HuggingFaceTokenizer oracle(byte[] json) throws IOException {
        return HuggingFaceTokenizer.newInstance(
                new ByteArrayInputStream(json), Map.of("truncation", "DO_NOT_TRUNCATE", "addSpecialTokens", "false"));
    }

    static byte[] trained(long seed, int vocabulary, SplitPattern pattern) {
        Random random = new Random(seed);
        Map<String, Long> counts = new HashMap<>();
        for (int i = 0; i < 300; i++) {
            Matcher words = pattern.pattern().matcher(RandomText.of(random, 60) + RandomText.prose(random, 40));
            while (words.find()) {
                counts.merge(words.group(), 1L, Long::sum);
            }
        }
        List<BytePairTrainer.CountedWord> words = new ArrayList<>();
        counts.forEach((word, count) ->
                words.add(new BytePairTrainer.CountedWord(word.getBytes(StandardCharsets.UTF_8), count)));
        return TokenizerFile.write(
                BytePairTrainer.train(words, vocabulary - 257, 2, PreparationListener.none()), END, pattern);
    }

    private static byte[] changed(byte[] json, Consumer<ObjectNode> change) throws IOException {
        ObjectNode root = (ObjectNode) JSON.readTree(json);
        change.accept(root);
        return JSON.writeValueAsBytes(root);
    }

    private static void assertAgrees(byte[] json, boolean ranked, boolean exactRoundTrip, long seed, int texts)
            throws IOException {
        assertAgrees(json, ranked, exactRoundTrip, seed, texts, "#");
    }

    /** @param insertion what the texts have in the place of # */
    private static void assertAgrees(
            byte[] json, boolean ranked, boolean exactRoundTrip, long seed, int texts, String insertion)
            throws IOException {
        Tokenizer tokenizer = Tokenizer.of(json, END);
        assertThat(tokenizer.ranked()).isEqualTo(ranked);
        Random random = new Random(seed);
        try (HuggingFaceTokenizer oracle = oracle(json)) {
            for (int i = 0; i < texts; i++) {
                String text = RandomText.of(random, random.nextInt(80))
                        .replace("#", insertion)
                        .replace(END, "<|end|>");
                int[] tokens = tokenizer.encode(text);
                long[] expected = oracle.encode(text, false, false).getIds();
                assertThat(java.util.Arrays.stream(tokens).asLongStream().toArray())
                        .as("seed %d, text %d: %s", seed, i, text)
                        .isEqualTo(expected);
                String back = tokenizer.decode(tokens);
                assertThat(back).isEqualTo(oracle.decode(expected, false));
                if (exactRoundTrip) {
                    assertThat(back).isEqualTo(text);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(SplitPattern.class)
    void givesTheTokensOfHuggingFace(SplitPattern pattern) throws IOException {
        long seed = System.nanoTime();
        System.out.println("TokenizerTest " + pattern + " seed " + seed);
        assertAgrees(trained(seed, 2000, pattern), true, true, seed + 1, 400);
    }

    @Test
    void givesTheTokensOfHuggingFaceWithComposedText() throws IOException {
        long seed = System.nanoTime();
        System.out.println("TokenizerTest seed " + seed);
        byte[] json = changed(trained(seed, 1000, SplitPattern.QWEN2), root -> root.putObject("normalizer")
                .put("type", "NFC"));
        assertAgrees(json, true, false, seed + 1, 400);
    }

    @Test
    void givesTheTokensOfHuggingFaceForOrdinaryAddedTokens() throws IOException {
        long seed = System.nanoTime();
        System.out.println("TokenizerTest seed " + seed);
        byte[] json = changed(trained(seed, 1000, SplitPattern.QWEN2), root -> ((ArrayNode) root.get("added_tokens"))
                .addObject()
                .put("id", 1000)
                .put("content", "[[tool]]")
                .put("single_word", false)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", false)
                .put("special", false));
        assertAgrees(json, true, true, seed + 1, 500, "[[tool]]");
        Tokenizer tokenizer = Tokenizer.of(json, END);
        assertThat(tokenizer.encode("[[tool]]")).containsExactly(1000);
        assertThat(tokenizer.vocabularySize()).isEqualTo(1001);
    }

    @Test
    void readsByRanksOnlyWhatRanksExpress() throws IOException {
        byte[] json = trained(7, 600, SplitPattern.QWEN2);
        assertAgrees(swappedMerges(json), false, true, 1, 300);
        assertAgrees(
                changed(json, root -> ((ObjectNode) root.at("/pre_tokenizer/pretokenizers/0/pattern"))
                        .put("Regex", "\\p{L}+|[^\\p{L}]+")),
                false,
                true,
                2,
                300);
        assertAgrees(
                changed(json, root -> ((ObjectNode) root.get("model")).put("ignore_merges", true)), true, true, 3, 300);
    }

    /** The first two merges that do not need one another, in the other order: ids no longer rise with ranks. */
    private static byte[] swappedMerges(byte[] json) throws IOException {
        return changed(json, root -> {
            ArrayNode merges = (ArrayNode) root.at("/model/merges");
            var first = merges.get(0);
            merges.set(0, merges.get(1));
            merges.set(1, first);
        });
    }

    @Test
    void readsOtherKindsByHuggingFace() {
        String json =
                "{\"version\":\"1.0\",\"added_tokens\":[{\"id\":0,\"content\":\"<|endoftext|>\",\"single_word\":false,"
                        + "\"lstrip\":false,\"rstrip\":false,\"normalized\":false,\"special\":true}],\"normalizer\":null,"
                        + "\"pre_tokenizer\":{\"type\":\"WhitespaceSplit\"},\"post_processor\":null,\"decoder\":null,"
                        + "\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"<|endoftext|>\":0,\"a\":1,\"b\":2,\"?\":3},\"unk_token\":\"?\"}}";
        Tokenizer tokenizer = Tokenizer.of(json.getBytes(StandardCharsets.UTF_8), END);
        assertThat(tokenizer.ranked()).isFalse();
        assertThat(tokenizer.encode("a b  zzz a")).containsExactly(1, 2, 3, 1);
        assertThat(tokenizer.encode("a ".repeat(5000))).hasSize(5000);
        // A word that the vocabulary does not have, though it spells the special token.
        assertThat(tokenizer.encode("a <|endoftext|> b")).containsExactly(1, 3, 2);
        assertThat(tokenizer.decode(new int[] {1, 0})).isEqualTo("a <|endoftext|>");
    }

    @Test
    void neverReadsASpecialTokenInText() {
        Tokenizer tokenizer = Tokenizer.of(trained(3, 500, SplitPattern.QWEN2), END);
        String text = "before<|endoftext|>after";
        int[] tokens = tokenizer.encode(text);
        assertThat(tokens).doesNotContain(tokenizer.endOfText());
        assertThat(tokenizer.decode(tokens)).isEqualTo(text);
        assertThat(tokenizer.decode(new int[] {tokenizer.endOfText()})).isEqualTo(END);
        // A character that no Unicode version knows yet takes the way through the other library.
        String unknown = "x" + Character.toString(0x2FE0) + text;
        assertThat(Character.getType(0x2FE0)).isEqualTo(Character.UNASSIGNED);
        assertThat(tokenizer.encode(unknown)).doesNotContain(tokenizer.endOfText());
        assertThat(tokenizer.decode(tokenizer.encode(unknown))).isEqualTo(unknown);
        // Both ways give the same.
        NativeCodec exact = new NativeCodec(TokenizerFile.parse(tokenizer.json()), tokenizer.json());
        assertThat(exact.encode(text)).isEqualTo(tokens);
    }

    @Test
    void everyCharacterIsCutAsHuggingFaceCutsIt() throws IOException {
        byte[] json = trained(5, 300, SplitPattern.QWEN2);
        List<String> different = new ArrayList<>();
        try (HuggingFaceTokenizer oracle = oracle(json)) {
            Tokenizer tokenizer = Tokenizer.of(json, END);
            for (int block = 1; block < LAST_PRIVATE_PLANE; block += 64) {
                StringBuilder text = new StringBuilder();
                for (int codePoint = block; codePoint < block + 64; codePoint++) {
                    // Characters that this Java does not know go to Hugging Face's library anyway.
                    int type = Character.getType(codePoint);
                    if (type != Character.SURROGATE && type != Character.UNASSIGNED) {
                        // Whether it is a letter, a digit, white space or none of these shows in the cuts around it.
                        String c = Character.toString(codePoint);
                        text.append("on")
                                .append(c)
                                .append("on ")
                                .append(c)
                                .append(" ! ")
                                .append(c)
                                .append('\n');
                    }
                }
                long[] expected = oracle.encode(text.toString(), false, false).getIds();
                int[] tokens = tokenizer.encode(text.toString());
                if (!java.util.Arrays.equals(
                        java.util.Arrays.stream(tokens).asLongStream().toArray(), expected)) {
                    different.add(Integer.toHexString(block));
                }
            }
        }
        assertThat(different)
                .as("blocks of 64 code points that are cut otherwise")
                .isEmpty();
    }

    @Test
    void refusesWhatIsNotATokenizer() {
        assertThatThrownBy(() -> Tokenizer.of("not json".getBytes(StandardCharsets.UTF_8), END))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("not a JSON file");
        assertThatThrownBy(() -> Tokenizer.of("{\"a\":1}".getBytes(StandardCharsets.UTF_8), END))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("no model with a vocabulary");
        assertThatThrownBy(() -> Tokenizer.of(trained(1, 300, SplitPattern.QWEN2), "<eos>"))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("'<eos>'")
                .hasMessageContaining(END);
        Tokenizer tokenizer = Tokenizer.of(trained(1, 300, SplitPattern.QWEN2), END);
        assertThatThrownBy(() -> tokenizer.decode(new int[] {5, 300}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("token 300");
    }
}
