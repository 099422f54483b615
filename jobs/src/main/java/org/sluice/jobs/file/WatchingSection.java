package org.sluice.jobs.file;

import java.util.Optional;
import org.sluice.experiments.live.PageAddress;

/**
 * How the run can be watched while it goes on. It changes no result.
 *
 * @param page where the live page is served: {@code auto}, {@code off} or {@code HOST:PORT}
 */
public record WatchingSection(String page) {
    /** @throws IllegalArgumentException if a value is none of those */
    public WatchingSection {
        try {
            PageAddress.parse(page);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("watching.page: " + e.getMessage(), e);
        }
    }

    /** Where the live page is served; empty for no page. */
    public Optional<PageAddress> pageAddress() {
        return PageAddress.parse(page);
    }
}
