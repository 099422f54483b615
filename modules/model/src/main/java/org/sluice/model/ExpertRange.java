package org.sluice.model;

/**
 * A part of the flat parameter space that belongs to one expert of one layer.
 *
 * @param from the first element
 * @param to the element behind the last
 * @param layer from 0
 * @param expert from 0
 */
public record ExpertRange(long from, long to, int layer, int expert) {}
