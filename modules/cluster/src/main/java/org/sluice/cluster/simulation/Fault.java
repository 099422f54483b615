package org.sluice.cluster.simulation;

/**
 * Something that goes wrong on a simulated cluster.
 *
 * @param at the time, in seconds from the start
 * @param executor where, from 0; of no meaning for what happens to the driver or the storage
 * @param seconds how long it lasts
 */
public record Fault(double at, Kind kind, int executor, double seconds) {

    /** What goes wrong. */
    public enum Kind {
        /** The executor dies with all that it holds; another one is there after {@code seconds}. */
        EXECUTOR,
        /** The executor stands still for {@code seconds}, and then goes on. */
        STALL,
        /** The numbers of the worker become NaN in the round that it is in. */
        NOT_FINITE,
        /** The change that the worker sends next is a thousand times too large. */
        POISON,
        /** The driver dies and is started again after {@code seconds}, with all executors. */
        DRIVER,
        /** For {@code seconds} no checkpoint can be written. */
        STORAGE
    }
}
