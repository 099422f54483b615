package org.sluice.data;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingRegistry;
import com.knuddels.jtokkit.api.GptBytePairEncodingParams;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Byte-level BPE by jtokkit, an order of magnitude faster than {@link NativeCodec}.
 *
 * <p>Two kinds of text go to the exact tokenizer instead: text that spells an added token which is not special, and text with a
 * character that this Java's Unicode tables do not know and Hugging Face's may.
 */
final class RankedCodec implements TextCodec {
    private static final String NAME = "sluice";
    private static final byte[] NO_BYTES = {};

    private final Encoding encoding;
    private final boolean composed;
    private final Map<Integer, byte[]> bytesOfToken = new HashMap<>();
    private final List<String> addedTexts;
    private final Supplier<TextCodec> exact;

    /** @param exact gives the exact tokenizer; asked for only when it is needed */
    RankedCodec(BytePairRanks ranks, List<TokenizerFile.AddedToken> addedTokens, Supplier<TextCodec> exact) {
        EncodingRegistry registry = Encodings.newLazyEncodingRegistry();
        // Added tokens stay unknown to jtokkit: no text may become one here.
        registry.registerGptBytePairEncoding(
                new GptBytePairEncodingParams(NAME, ranks.pattern().pattern(), ranks.ranks(), Map.of()));
        this.encoding = registry.getEncoding(NAME).orElseThrow();
        this.composed = ranks.composed();
        ranks.ranks().forEach((bytes, token) -> bytesOfToken.put(token, bytes));
        addedTokens.forEach(
                token -> bytesOfToken.put(token.id(), token.content().getBytes(StandardCharsets.UTF_8)));
        this.addedTexts = addedTokens.stream()
                .filter(token -> !token.special())
                .map(TokenizerFile.AddedToken::content)
                .toList();
        this.exact = exact;
    }

    @Override
    public int[] encode(String text) {
        if (hasUnknownCharacter(text) || addedTexts.stream().anyMatch(text::contains)) {
            return exact.get().encode(text);
        }
        String normal = composed ? Normalizer.normalize(text, Normalizer.Form.NFC) : text;
        return encoding.encodeOrdinary(normal).toArray();
    }

    @Override
    public String decode(int[] tokens) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int token : tokens) {
            // A vocabulary may leave numbers out; they stand for no text.
            bytes.writeBytes(bytesOfToken.getOrDefault(token, NO_BYTES));
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static boolean hasUnknownCharacter(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                int codePoint = text.codePointAt(i);
                if (Character.getType(codePoint) == Character.UNASSIGNED) {
                    return true;
                }
                i += Character.charCount(codePoint) - 1;
            }
        }
        return false;
    }
}
