package org.sluice.cluster;

/**
 * How fp32 values are written as the bytes that travel, a tile of a slice at a time.
 *
 * <p>A value that is not finite is never read back as a finite one.
 */
interface WireCodec {
    /** The elements that are worked on at once: their values stay in the processor's caches. A multiple of {@link #BLOCK}. */
    int TILE = 1 << 13;

    /** Each tile begins at a multiple of so many elements. */
    int BLOCK = 256;

    /** The bytes of so many elements of a slice. */
    int bytes(int elements);

    /**
     * Rounds values, each to the nearest that can be written, of two the even one.
     *
     * @param count how many of the values, from the first
     * @param target the bytes of the whole slice
     * @param first the element of the slice that the first value is
     */
    void encode(float[] values, int count, byte[] target, int first);

    /**
     * Reads values.
     *
     * @param source the bytes of the whole slice
     * @param first the element of the slice to begin with
     * @param count how many to read, into the first of the values
     */
    void decode(byte[] source, int first, float[] values, int count);
}
