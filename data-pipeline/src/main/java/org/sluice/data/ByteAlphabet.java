package org.sluice.data;

/**
 * The printable characters by which byte-level tokenizers write bytes in {@code tokenizer.json}: bytes that are visible in Latin-1
 * stand for themselves, the others follow from U+0100 on in the order of their values (as GPT-2 laid it down).
 */
final class ByteAlphabet {
    private static final char[] CHARACTERS = new char[256];
    private static final short[] BYTES = new short[512];

    static {
        java.util.Arrays.fill(BYTES, (short) -1);
        char next = 256;
        for (int value = 0; value < 256; value++) {
            boolean visible = (value >= '!' && value <= '~') || (value >= 0xA1 && value <= 0xAC) || (value >= 0xAE);
            CHARACTERS[value] = visible ? (char) value : next++;
            BYTES[CHARACTERS[value]] = (short) value;
        }
    }

    private ByteAlphabet() {}

    static String write(byte[] bytes) {
        StringBuilder written = new StringBuilder(bytes.length);
        for (byte value : bytes) {
            written.append(CHARACTERS[value & 0xFF]);
        }
        return written.toString();
    }

    /** The bytes that were written so, or null if a character is not of the alphabet. */
    static byte[] read(String written) {
        byte[] bytes = new byte[written.length()];
        for (int i = 0; i < bytes.length; i++) {
            char c = written.charAt(i);
            if (c >= BYTES.length || BYTES[c] < 0) {
                return null;
            }
            bytes[i] = (byte) BYTES[c];
        }
        return bytes;
    }
}
