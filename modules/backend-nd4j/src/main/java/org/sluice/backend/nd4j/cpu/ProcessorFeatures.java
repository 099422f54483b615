package org.sluice.backend.nd4j.cpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * What the processor says that it can do.
 *
 * @param flags as Linux names them
 */
record ProcessorFeatures(Set<String> flags) {
    private static final Path LINUX = Path.of("/proc/cpuinfo");

    /** Those of this machine; none are known where the operating system is not Linux. */
    static ProcessorFeatures ofThisMachine() {
        try {
            return Files.isReadable(LINUX) ? parse(Files.readString(LINUX)) : new ProcessorFeatures(Set.of());
        } catch (IOException unreadable) {
            return new ProcessorFeatures(Set.of());
        }
    }

    /** The flags of the first processor that has a line of them. */
    static ProcessorFeatures parse(String cpuinfo) {
        return cpuinfo.lines()
                .filter(line -> line.startsWith("flags"))
                .findFirst()
                .map(line -> new ProcessorFeatures(
                        Set.of(line.substring(line.indexOf(':') + 1).trim().split("\\s+"))))
                .orElse(new ProcessorFeatures(Set.of()));
    }

    /** Whether it multiplies bfloat16 numbers faster than floats, by instructions that oneDNN uses. */
    boolean multipliesBfloat16() {
        return flags.contains("avx512_bf16") || flags.contains("amx_bf16");
    }

    /** Why kernels written for vectors of 256 bits or more are of no use here, in words for the user; empty if they are, or nobody knows. */
    Optional<String> tooOld() {
        return flags.isEmpty() || flags.contains("avx2") || flags.contains("avx512f")
                ? Optional.empty()
                : Optional.of("the processor has neither AVX2 nor AVX-512 (the flags in " + LINUX
                        + "); use a host that has, or let its virtual machine see them");
    }
}
