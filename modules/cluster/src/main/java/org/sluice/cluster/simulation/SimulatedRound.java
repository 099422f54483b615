package org.sluice.cluster.simulation;

import java.util.List;
import java.util.Map;
import org.sluice.cluster.control.Deal;
import org.sluice.cluster.control.Milestone;

/**
 * A round of a simulated training.
 *
 * @param counted the workers whose blocks count
 * @param uncounted the others, each with the reason
 */
public record SimulatedRound(
        Deal deal, Milestone after, List<Integer> counted, Map<Integer, String> uncounted, double seconds) {}
