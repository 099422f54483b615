package org.sluice.cluster.control;

/**
 * What became of a worker in a round.
 *
 * @param <R> what workers report
 */
public sealed interface Outcome<R> {

    int worker();

    /** It has trained on all that it was dealt. */
    record Trained<R>(int worker, R report) implements Outcome<R> {}

    /** Its numbers were not finite: it has stopped, and what it did is lost. */
    record Diverged<R>(int worker, RuntimeException failure) implements Outcome<R> {}

    /** It is gone with its executor. */
    record Lost<R>(int worker, String cause) implements Outcome<R> {}
}
