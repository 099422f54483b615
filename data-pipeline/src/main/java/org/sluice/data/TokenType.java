package org.sluice.data;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How a shard stores a token; always little-endian. */
public enum TokenType {
    /** Unsigned, two bytes: vocabularies of up to 65,536 tokens. */
    @JsonProperty("u16")
    U16(2),
    /** Signed, four bytes. */
    @JsonProperty("i32")
    I32(4);

    private final int bytes;

    TokenType(int bytes) {
        this.bytes = bytes;
    }

    static TokenType of(int vocabularySize) {
        return vocabularySize <= 1 << 16 ? U16 : I32;
    }

    /** Bytes of one token. */
    public int bytes() {
        return bytes;
    }

    byte[] write(int[] tokens) {
        byte[] written = new byte[tokens.length * bytes];
        for (int i = 0; i < tokens.length; i++) {
            for (int part = 0; part < bytes; part++) {
                written[i * bytes + part] = (byte) (tokens[i] >>> (8 * part));
            }
        }
        return written;
    }

    int read(byte[] written, int index) {
        int at = index * bytes;
        int low = (written[at] & 0xFF) | (written[at + 1] & 0xFF) << 8;
        return this == U16 ? low : low | (written[at + 2] & 0xFF) << 16 | written[at + 3] << 24;
    }

    int[] read(byte[] written) {
        int[] tokens = new int[written.length / bytes];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = read(written, i);
        }
        return tokens;
    }
}
