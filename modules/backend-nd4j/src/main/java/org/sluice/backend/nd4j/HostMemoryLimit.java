package org.sluice.backend.nd4j;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.Pointer;
import org.sluice.tensor.MemoryBound;

/**
 * What this process may hold in memory, the Java heap included.
 *
 * <p>JavaCPP, under ND4J, limits the process to a multiple of the maximum heap unless told otherwise, and notices an excess only after
 * the memory has been taken; every later native allocation of the process then fails. So a request is judged here before it is made.
 *
 * @param used the bytes that the process holds now
 * @param javacpp JavaCPP's limit in bytes; 0 for none
 * @param machine the memory of the machine or container in bytes
 */
public record HostMemoryLimit(long used, long javacpp, long machine) {
    static final String ADVICE = "start the JVM with -Dorg.bytedeco.javacpp.maxphysicalbytes=0 "
            + "-Dorg.bytedeco.javacpp.maxbytes=0 to lift JavaCPP's limits, or use a smaller model, batch or heap";

    /** The limits and the use of this process at this moment. */
    public static HostMemoryLimit now() {
        long machine =
                ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                        ? system.getTotalMemorySize()
                        : Long.MAX_VALUE;
        return new HostMemoryLimit(Pointer.physicalBytes(), Pointer.maxPhysicalBytes(), machine);
    }

    /** Why that many more bytes cannot be had, in words for a user; empty if they may be. */
    Optional<String> refusal(long bytes) {
        if (bytes > machine - used) {
            return Optional.of("the machine has " + machine + " bytes in all; use a smaller model or batch");
        }
        if (javacpp > 0 && bytes > javacpp - used) {
            return Optional.of("JavaCPP limits the process to " + javacpp
                    + " bytes (org.bytedeco.javacpp.maxphysicalbytes); " + ADVICE);
        }
        return Optional.empty();
    }

    /** What JavaCPP leaves, as a backend tells it; nothing if JavaCPP sets no limit. */
    public List<MemoryBound> bounds() {
        return javacpp > 0
                ? List.of(new MemoryBound(
                        Math.max(0, javacpp - used),
                        "JavaCPP, whose limit of the process (org.bytedeco.javacpp.maxphysicalbytes) is " + javacpp
                                + " bytes",
                        "start the JVM with -Dorg.bytedeco.javacpp.maxphysicalbytes=0 "
                                + "-Dorg.bytedeco.javacpp.maxbytes=0"))
                : List.of();
    }
}
