package org.sluice.tensor;

import java.io.Serializable;

/**
 * Something that limits what a backend can still take in this process.
 *
 * @param bytes that may still be allocated, at least 0
 * @param source what sets the limit, with its value
 * @param cure what a user can change, as the end of a sentence: {@code start the JVM with ...}
 */
public record MemoryBound(long bytes, String source, String cure) implements Serializable {}
