package org.sluice.jobs.file;

import java.util.Optional;
import org.sluice.experiments.live.PageAddress;

/**
 * How the run can be watched while it goes on. It changes no result.
 *
 * @param page where the live page is served: {@code auto}, {@code off} or {@code HOST:PORT}
 * @param tensorboard whether event files for TensorBoard are written into the run's folder
 */
public record WatchingSection(String page, boolean tensorboard) {
    /** @throws IllegalArgumentException if a value is none of those */
    public WatchingSection {
        try {
            PageAddress.parse(page);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("page " + e.getMessage(), e);
        }
    }

    /** Where the live page is served; empty for no page. */
    public Optional<PageAddress> pageAddress() {
        return PageAddress.parse(page);
    }
}
