package org.sluice.tensor;

import java.util.Optional;

/** How a backend is found: an implementation is registered for {@link java.util.ServiceLoader}. */
public interface BackendProvider {

    /** The name under which a job file asks for the backend. */
    String name();

    /** The provider with the highest preference that can run here is the default. */
    int preference();

    /** Why the backend cannot run on this machine, in words for its user; empty if it can. */
    Optional<String> unavailable();

    /**
     * Opens the backend.
     *
     * @param cores the cores to spread operations over, at least 1
     * @throws IllegalStateException if it is unavailable here
     */
    Backend open(int cores);
}
