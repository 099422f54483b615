package org.sluice.cluster;

import java.io.Serializable;
import java.util.Set;

/**
 * What workers send of a round while they train in the next one. It is what they have when the round is done.
 *
 * @param version the version that is made of it
 * @param fragments of which
 */
record Sending(long version, Set<Integer> fragments) implements Serializable {}
