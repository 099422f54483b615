package org.sluice.data;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** What a document's text alone decides: which documents are equal, which are held out, which train the tokenizer. */
final class DocumentHash {
    private static final int BYTES = 16;
    private static final double TO_FRACTION = 0x1.0p-53;
    // Keeps the tokenizer's sample apart from the held-out split and from the buckets.
    private static final long SAMPLE_SALT = 0x73616d706c65L;

    private DocumentHash() {}

    /** The first 128 bits of the text's SHA-256. */
    static byte[] of(byte[] utf8) {
        return Arrays.copyOf(Digests.sha256().digest(utf8), BYTES);
    }

    /** 64 of the bits. */
    static long bits(byte[] hash) {
        return ByteBuffer.wrap(hash).getLong();
    }

    static boolean heldOut(byte[] hash, double fraction) {
        return fraction(bits(hash)) < fraction;
    }

    static boolean sampled(byte[] hash, double fraction) {
        return fraction(Digests.mix(bits(hash) ^ SAMPLE_SALT)) < fraction;
    }

    private static double fraction(long bits) {
        return (bits >>> 11) * TO_FRACTION;
    }
}
