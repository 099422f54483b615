package org.sluice.model.interchange;

/**
 * A run of the flat parameter space that lies as one run in a tensor of a file.
 *
 * @param fromElement its first element in the flat space
 */
record TensorPiece(long fromElement, long elements) {
    /** The element of the flat space behind the last one. */
    long toElement() {
        return fromElement + elements;
    }
}
