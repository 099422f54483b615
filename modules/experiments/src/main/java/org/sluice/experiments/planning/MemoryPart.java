package org.sluice.experiments.planning;

/**
 * A part of a worker's memory.
 *
 * @param name as a program reads it: {@code optimizerState}
 * @param title for people
 * @param place where it is
 * @param bytes how large it is
 */
public record MemoryPart(String name, String title, Place place, long bytes) {

    /** Where memory is. */
    public enum Place {
        /** The backend's: a GPU's own on a GPU. */
        BACKEND,
        /** The process's, outside the Java heap. */
        PROCESS,
        /** The Java heap. */
        HEAP
    }
}
