package org.sluice.cluster.preflight;

import java.io.Serializable;
import java.util.List;
import org.sluice.tensor.BackendProvider;
import org.sluice.tensor.Backends;
import org.sluice.tensor.MemoryBound;
import org.sluice.tensor.Precision;

/**
 * A backend that a process has on its class path.
 *
 * @param unavailable why it cannot run there: a flag of Java, a processor or GPU that is too old, a library that does not load; empty if it can
 * @param precisions that it computes in there; none where it is unavailable
 * @param bounds what limits its memory there; none where it is unavailable
 */
public record BackendReport(String name, String unavailable, List<Precision> precisions, List<MemoryBound> bounds)
        implements Serializable {

    boolean isAvailable() {
        return unavailable.isEmpty();
    }

    /** Those of this process, most preferred first. Loads their native libraries. */
    static List<BackendReport> ofThisProcess() {
        return Backends.providers().stream().map(BackendReport::of).toList();
    }

    private static BackendReport of(BackendProvider provider) {
        return provider.unavailable()
                .map(reason -> new BackendReport(provider.name(), reason, List.of(), List.of()))
                .orElseGet(() -> new BackendReport(
                        provider.name(), "", List.copyOf(provider.precisions()), List.copyOf(provider.memoryBounds())));
    }
}
