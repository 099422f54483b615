package org.sluice.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Turns bytes into documents, strictly: what is not clean text is skipped with its reason. For one thread. */
final class DocumentDecoder {
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private final long maximumBytes;
    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    private final JsonMapper json;

    DocumentDecoder(long maximumBytes) {
        this.maximumBytes = maximumBytes;
        this.json = JsonMapper.builder()
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .build();
        // Lines are bounded before they come here.
        json.getFactory()
                .setStreamReadConstraints(StreamReadConstraints.builder()
                        .maxStringLength(Integer.MAX_VALUE)
                        .build());
    }

    /** The longest document, in bytes of UTF-8. */
    long maximumBytes() {
        return maximumBytes;
    }

    /** A document that is a whole file, entry or cell. */
    DocumentEvent text(int input, String place, byte[] utf8) {
        if (utf8.length > maximumBytes) {
            return DocumentEvent.skip(input, place, SkipReason.TOO_LARGE);
        }
        String text = decode(utf8);
        if (text == null) {
            return DocumentEvent.skip(input, place, SkipReason.NOT_UTF8);
        }
        return document(input, place, text);
    }

    /** A document in a field of a line of JSON. */
    DocumentEvent jsonLine(int input, String place, byte[] line, String textField) {
        String decoded = decode(line);
        if (decoded == null) {
            return DocumentEvent.skip(input, place, SkipReason.NOT_UTF8);
        }
        JsonNode node;
        try {
            node = json.readTree(withoutByteOrderMark(decoded));
        } catch (JsonProcessingException e) {
            return DocumentEvent.skip(input, place, SkipReason.MALFORMED_JSON);
        }
        if (!node.isObject()) {
            return DocumentEvent.skip(input, place, SkipReason.MALFORMED_JSON);
        }
        JsonNode text = node.get(textField);
        if (text == null || !text.isTextual()) {
            return DocumentEvent.skip(input, place, SkipReason.MISSING_TEXT);
        }
        return document(input, place, text.textValue());
    }

    private DocumentEvent document(int input, String place, String decoded) {
        String text = withoutByteOrderMark(decoded);
        if (text.isEmpty()) {
            return DocumentEvent.skip(input, place, SkipReason.EMPTY);
        }
        if (text.indexOf('\0') >= 0) {
            return DocumentEvent.skip(input, place, SkipReason.NUL_CHARACTER);
        }
        // JSON escapes can spell half a surrogate pair, which no UTF-8 can hold.
        if (hasLoneSurrogate(text)) {
            return DocumentEvent.skip(input, place, SkipReason.NOT_UTF8);
        }
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        if (utf8.length > maximumBytes) {
            return DocumentEvent.skip(input, place, SkipReason.TOO_LARGE);
        }
        return new DocumentEvent(input, place, text, utf8, null);
    }

    private String decode(byte[] utf8) {
        try {
            return decoder.decode(ByteBuffer.wrap(utf8)).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    private static String withoutByteOrderMark(String text) {
        return !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
    }

    private static boolean hasLoneSurrogate(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                if (!Character.isHighSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    return true;
                }
                i++;
            }
        }
        return false;
    }
}
