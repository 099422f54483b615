package org.sluice.jobs.console;

/** The progress of one long stage. */
public interface Progress extends AutoCloseable {

    /**
     * Says how far the stage is.
     *
     * @param done of the total
     * @param total how much there is to do; it may change; 0 if nobody knows
     * @param message figures that change: loss, tokens per second
     */
    void update(long done, long total, String message);

    /** Says something that stays to be read above the progress. */
    void note(String line);

    @Override
    void close();
}
