package org.sluice.backend.nd4j.cpu;

import java.util.List;
import java.util.Optional;
import org.nd4j.linalg.factory.Nd4j;
import org.sluice.backend.nd4j.HostMemoryLimit;
import org.sluice.backend.nd4j.Nd4jLibrary;
import org.sluice.tensor.Backend;
import org.sluice.tensor.BackendProvider;
import org.sluice.tensor.MemoryBound;
import org.sluice.tensor.Precision;

/** Opens the fast CPU backend. */
public final class CpuBackendProvider implements BackendProvider {
    private static final String VECTOR_MODULE = "jdk.incubator.vector";

    @Override
    public String name() {
        return CpuBackend.NAME;
    }

    @Override
    public int preference() {
        return 100;
    }

    @Override
    public Optional<String> unavailable() {
        if (ModuleLayer.boot().findModule(VECTOR_MODULE).isEmpty()) {
            return Optional.of(
                    "the Java virtual machine was started without its Vector API; add the flag --add-modules="
                            + VECTOR_MODULE);
        }
        Optional<String> processor = ProcessorFeatures.ofThisMachine().tooOld();
        if (processor.isPresent()) {
            return processor;
        }
        try {
            String executioner = Nd4j.getExecutioner().getClass().getSimpleName();
            return executioner.equals("NativeOpExecutioner")
                    ? Optional.empty()
                    : Optional.of("ND4J on the class path does not run on the CPU (its executioner is " + executioner
                            + "); put nd4j-native on it instead");
        } catch (LinkageError | RuntimeException failure) {
            return Optional.of("ND4J could not be started: " + failure.getMessage()
                    + "; it needs nd4j-native for this operating system and processor on the class path");
        }
    }

    @Override
    public List<Precision> precisions() {
        return ProcessorFeatures.ofThisMachine().multipliesBfloat16()
                ? List.of(Precision.BF16, Precision.FP32)
                : List.of(Precision.FP32);
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
        unavailable().ifPresent(reason -> {
            throw new IllegalStateException("backend '" + CpuBackend.NAME + "' cannot run here: " + reason);
        });
        return new CpuBackend(cores, precision);
    }
}
