package org.sluice.cluster.preflight;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What all checks together say of an inspection. */
public record Verdict(List<Finding> findings) {
    private static final List<Check> CHECKS = List.of(
            new JavaCheck(),
            new VersionCheck(),
            new BackendCheck(),
            new MemoryCheck(),
            new ClockCheck(),
            new DiskCheck(),
            new FolderCheck());

    /** Places that are named one by one where several have the same trouble. */
    private static final int NAMED = 4;

    /** Asks all checks. */
    public static Verdict of(Inspection inspection) {
        return new Verdict(
                CHECKS.stream().flatMap(check -> check.findings(inspection)).toList());
    }

    /** A line for each that training can live with. */
    public List<String> warnings() {
        return lines(findings.stream().filter(finding -> !finding.fatal()));
    }

    /** A line for each that it cannot work with. */
    public List<String> failures() {
        return lines(findings.stream().filter(Finding::fatal));
    }

    /** The executors in which it cannot work, by their names. */
    public Set<String> unfitExecutors() {
        return findings.stream()
                .filter(Finding::fatal)
                .map(finding -> finding.place().executor())
                .collect(Collectors.toSet());
    }

    /**
     * Refuses what cannot work.
     *
     * @throws PreflightException with all that is to be mended
     */
    public void requireReady() {
        List<String> failures = failures();
        if (!failures.isEmpty()) {
            throw new PreflightException(failures);
        }
    }

    /** What many places have in common is said once. */
    private static List<String> lines(Stream<Finding> findings) {
        Map<String, Collection<Place>> places = new LinkedHashMap<>();
        findings.forEach(finding -> places.computeIfAbsent(
                        finding.problem() + ": " + finding.cure(), line -> new LinkedHashSet<>())
                .add(finding.place()));
        return places.entrySet().stream()
                .map(entry -> described(entry.getValue()) + ": " + entry.getKey())
                .toList();
    }

    private static String described(Collection<Place> places) {
        String named = places.stream().limit(NAMED).map(Place::toString).collect(Collectors.joining(", "));
        return places.size() <= NAMED ? named : named + " and " + (places.size() - NAMED) + " more";
    }
}
