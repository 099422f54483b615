package org.sluice.jobs.command;

import org.sluice.jobs.InputException;
import org.sluice.jobs.OptionValues;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;
import org.sluice.tensor.Precision;
import picocli.CommandLine.Option;

/** The backend of a command that computes in its own process. */
final class BackendOptions {
    @Option(
            names = "--backend",
            defaultValue = Backends.AUTOMATIC,
            description = "The backend (default: ${DEFAULT-VALUE}).")
    private String backend;

    @Option(names = "--cores", description = "The cores to use (default: all).")
    private Integer cores;

    /** @throws InputException if there is no such backend, it cannot run here, or there must be a core at least */
    Backend open() {
        return open(Precision.FP32.toString());
    }

    /**
     * @param precision of matrix products, by name
     * @throws InputException as {@link #open()}, and if there is no such precision or the backend does not have it here
     */
    Backend open(String precision) {
        int used = cores == null ? Runtime.getRuntime().availableProcessors() : cores;
        OptionValues.requireAtLeast("--cores", used, 1);
        try {
            return Backends.open(backend, used, Backends.precision(backend, precision));
        } catch (IllegalArgumentException | IllegalStateException e) {
            boolean known = precision.equals(Backends.AUTOMATIC)
                    || Precision.named(precision).isPresent();
            throw new InputException((known ? "--backend: " : "--precision: ") + e.getMessage(), e);
        }
    }
}
