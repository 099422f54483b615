package org.sluice.cluster.control;

import java.util.Set;

/**
 * What is exchanged after a round.
 *
 * @param fragments of the parameters
 * @param overlapped whether it goes on while the next round trains
 */
public record Portion(Set<Integer> fragments, boolean overlapped) {}
