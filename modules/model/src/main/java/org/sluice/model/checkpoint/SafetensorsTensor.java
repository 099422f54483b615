package org.sluice.model.checkpoint;

import org.sluice.tensor.Shape;

/**
 * One tensor of a safetensors file.
 *
 * @param begin its first byte, counted from the start of the data behind the header
 */
public record SafetensorsTensor(String name, SafetensorsType type, Shape shape, long begin) {

    /** Its size in bytes. */
    public long length() {
        return Math.multiplyExact(shape.elements(), (long) type.bytes());
    }

    /** The byte behind its last one. */
    public long end() {
        return Math.addExact(begin, length());
    }
}
