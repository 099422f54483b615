package org.sluice.data;

import java.io.Serializable;

/**
 * Which stream a document goes to. Streams are numbered: the training streams of the first domain, of the second, and so on, then
 * the held-out streams likewise. How many a domain has follows from its tokens alone.
 */
final class StreamPlan implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Blocks of a stream, about; the padding at its end is half a block on average. */
    static final long BLOCKS_OF_A_STREAM = 1024;

    private final int domains;
    private final long seed;
    private final int[] firstStream;

    /**
     * Lays out streams.
     *
     * @param trainTokens tokens to train on, by domain
     * @param heldOutTokens tokens kept from training, by domain
     */
    StreamPlan(long[] trainTokens, long[] heldOutTokens, int blockLength, long seed) {
        this.domains = trainTokens.length;
        this.seed = Digests.mix(seed);
        this.firstStream = new int[2 * domains + 1];
        for (int part = 0; part < 2 * domains; part++) {
            long tokens = part < domains ? trainTokens[part] : heldOutTokens[part - domains];
            long streams = tokens == 0 ? 0 : Math.max(1, tokens / (BLOCKS_OF_A_STREAM * blockLength));
            firstStream[part + 1] = Math.toIntExact(firstStream[part] + streams);
        }
    }

    int streams() {
        return firstStream[2 * domains];
    }

    /** The number of training streams, which is the first held-out stream. */
    int trainStreams() {
        return firstStream[domains];
    }

    int stream(boolean heldOut, int domain, byte[] hash) {
        int part = heldOut ? domains + domain : domain;
        int count = firstStream[part + 1] - firstStream[part];
        return firstStream[part] + (int) share(Digests.mix(DocumentHash.bits(hash) ^ seed), count);
    }

    int domain(int stream) {
        int part = 0;
        while (stream >= firstStream[part + 1]) {
            part++;
        }
        return part % domains;
    }

    boolean heldOut(int stream) {
        return stream >= trainStreams();
    }

    /** Where among {@code count} equal parts of all 64-bit values a value lies. */
    static long share(long bits, long count) {
        return Math.multiplyHigh(bits >>> 1, 2 * count);
    }
}
