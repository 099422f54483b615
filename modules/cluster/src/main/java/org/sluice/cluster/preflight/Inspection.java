package org.sluice.cluster.preflight;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * All that is known before the first round.
 *
 * @param executors in which workers are to live
 * @param clockMillis by how much the clock of each executor is ahead of the driver's, at least; what may be the way of the message is not counted.
 *     Nothing is known of executors that are not in it
 */
public record Inspection(
        Requirements requirements, ProcessReport driver, List<ProcessReport> executors, Map<Place, Long> clockMillis) {

    /** The executors by their host. */
    Map<String, List<ProcessReport>> byHost() {
        return executors.stream()
                .collect(Collectors.groupingBy(executor -> executor.place().host(), TreeMap::new, Collectors.toList()));
    }
}
