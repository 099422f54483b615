package org.sluice.cluster.preflight;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.IOException;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The memory of a process and of what it runs in, in bytes.
 *
 * @param heap the largest that its Java heap may become
 * @param direct the most that Java's direct buffers may take
 * @param machine all memory of the machine
 * @param available what Linux says that new programs can have without swapping; the machine's where it does not say
 * @param container the limit of the container; the machine's memory where there is none
 * @param largePages whether Linux gives large pages to those who ask; true where it does not say
 */
public record MemoryReport(long heap, long direct, long machine, long available, long container, boolean largePages)
        implements Serializable {
    private static final Path MEMORY = Path.of("/proc/meminfo");
    private static final Path LARGE_PAGES = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");

    /** Whether a container allows less than the machine has. */
    boolean isContained() {
        return container < machine;
    }

    /** That of this process. */
    static MemoryReport ofThisProcess() {
        long heap = Runtime.getRuntime().maxMemory();
        // The JVM looks at the limits of control groups itself.
        long container = ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                .getTotalMemorySize();
        long machine = kibibytes("MemTotal:", container);
        return new MemoryReport(
                heap,
                direct(heap),
                Math.max(machine, container),
                kibibytes("MemAvailable:", machine),
                container,
                !text(LARGE_PAGES).contains("[never]"));
    }

    private static long direct(long heap) {
        long set = Long.parseLong(ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .getVMOption("MaxDirectMemorySize")
                .getValue());
        return set == 0 ? heap : set;
    }

    private static long kibibytes(String name, long otherwise) {
        return text(MEMORY)
                .lines()
                .filter(line -> line.startsWith(name))
                .map(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                .findFirst()
                .orElse(otherwise);
    }

    /** Nothing on systems other than Linux. */
    private static String text(Path file) {
        try {
            return Files.isReadable(file) ? Files.readString(file) : "";
        } catch (IOException unreadable) {
            return "";
        }
    }
}
