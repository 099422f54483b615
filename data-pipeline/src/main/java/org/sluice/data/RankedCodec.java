package org.sluice.data;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingRegistry;
import com.knuddels.jtokkit.api.GptBytePairEncodingParams;
import com.knuddels.jtokkit.api.IntArrayList;
import java.text.Normalizer;
import java.util.LinkedHashMap;
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

    private final Encoding encoding;
    private final boolean composed;
    private final List<String> addedTexts;
    private final Supplier<TextCodec> exact;

    /** @param exact gives the exact tokenizer; asked for only when it is needed */
    RankedCodec(BytePairRanks ranks, List<TokenizerFile.AddedToken> addedTokens, Supplier<TextCodec> exact) {
        Map<String, Integer> added = new LinkedHashMap<>();
        addedTokens.forEach(token -> added.put(token.content(), token.id()));
        EncodingRegistry registry = Encodings.newLazyEncodingRegistry();
        registry.registerGptBytePairEncoding(
                new GptBytePairEncodingParams(NAME, ranks.pattern().pattern(), ranks.ranks(), added));
        this.encoding = registry.getEncoding(NAME).orElseThrow();
        this.composed = ranks.composed();
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
        IntArrayList list = new IntArrayList(tokens.length);
        for (int token : tokens) {
            list.add(token);
        }
        return encoding.decode(list);
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
