package org.sluice.cluster;

import java.io.Serializable;

/**
 * A part of a slice that belongs to one expert of one layer.
 *
 * @param from its first element in the slice
 * @param to the element behind its last
 * @param rows the rows that the worker routed to the expert in the round: its weight in the mean of these elements
 */
record ExpertRun(int from, int to, long rows) implements Serializable {}
