package org.sluice.cluster.preflight;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What executors send each other in a round fits on their local disks. */
final class DiskCheck implements Check {

    @Override
    public Stream<Finding> findings(Inspection inspection) {
        Requirements needed = inspection.requirements();
        return Stream.concat(
                inspection.executors().stream().flatMap(executor -> unusable(executor, needed)),
                inspection.byHost().values().stream().flatMap(host -> space(host, needed)));
    }

    private static Stream<Finding> unusable(ProcessReport executor, Requirements needed) {
        return executor.disks().stream()
                .filter(disk -> !disk.problem().isEmpty())
                .map(disk -> Finding.fatal(
                        executor.place(),
                        "nothing can be written into the local folder " + disk.folder() + " (" + disk.problem() + ")",
                        "make it writable, free space there, or set another by " + needed.moreDisk()));
    }

    /** Executors of one host share its disks. */
    private static Stream<Finding> space(List<ProcessReport> executors, Requirements needed) {
        Map<String, LocalDisk> disks = new TreeMap<>();
        executors.stream()
                .flatMap(executor -> executor.disks().stream())
                .filter(disk -> disk.problem().isEmpty())
                .forEach(disk -> disks.putIfAbsent(disk.disk(), disk));
        int workers = executors.stream().mapToInt(needed::workersOf).sum();
        long bytes = workers * needed.sentBytes();
        long free = disks.values().stream().mapToLong(LocalDisk::free).sum();
        if (disks.isEmpty() || bytes <= free) {
            return Stream.empty();
        }
        String folders = disks.values().stream().map(LocalDisk::folder).collect(Collectors.joining(", "));
        return Stream.of(Finding.fatal(
                executors.get(0).place(),
                (workers == 1 ? "1 worker sends " : workers + " workers of this host send ") + Bytes.text(bytes)
                        + " in a round, and there are " + Bytes.text(free) + " free in " + folders,
                "free space there, or set a larger disk by " + needed.moreDisk()));
    }
}
