package org.sluice.backend.nd4j.reference;

import java.util.List;
import java.util.Optional;
import org.sluice.backend.nd4j.HostMemoryLimit;
import org.sluice.backend.nd4j.Nd4jLibrary;
import org.sluice.tensor.Backend;
import org.sluice.tensor.BackendProvider;
import org.sluice.tensor.MemoryBound;
import org.sluice.tensor.Precision;

/** Offers the readable backend, to those who ask for it by name or have no other. */
public final class ReferenceBackendProvider implements BackendProvider {
    private static final int PREFERENCE = 0;

    @Override
    public String name() {
        return ReferenceBackend.NAME;
    }

    @Override
    public int preference() {
        return PREFERENCE;
    }

    @Override
    public Optional<String> unavailable() {
        return Nd4jLibrary.unavailable();
    }

    @Override
    public Optional<String> library() {
        return Optional.of(Nd4jLibrary.onClassPath());
    }

    @Override
    public List<MemoryBound> memoryBounds() {
        return HostMemoryLimit.now().bounds();
    }

    @Override
    public Backend open(int cores, Precision precision) {
        if (cores < 1) {
            throw new IllegalArgumentException("a backend needs at least 1 core, not " + cores);
        }
        unavailable().ifPresent(reason -> {
            throw new IllegalStateException("backend '" + name() + "' cannot run here: " + reason);
        });
        return new ReferenceBackend(cores);
    }
}
