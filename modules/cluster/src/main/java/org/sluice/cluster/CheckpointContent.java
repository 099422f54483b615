package org.sluice.cluster;

import java.util.List;
import java.util.Set;
import org.sluice.cluster.control.Milestone;

/**
 * What a checkpoint is to hold: training as it is after a round.
 *
 * @param order of the round that comes next: its version is the current one, its restore point that of the workers
 * @param placements of the workers that write it
 * @param keepers those of them whose state is to be kept
 * @param milestone what is done
 * @param recorded whether a line of the metrics tells of it; that of a stop is none of an undisturbed training
 */
record CheckpointContent(
        RoundOrder order,
        List<WorkerPlacement> placements,
        Set<Integer> keepers,
        Milestone milestone,
        boolean recorded) {}
