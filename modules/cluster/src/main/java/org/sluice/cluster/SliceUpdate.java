package org.sluice.cluster;

import java.io.Serializable;
import java.util.List;

/**
 * What changed in a slice from one version to the next, as it travels.
 *
 * @param values the change of each element, in the bytes of the {@link WireCodec}; never changed once made
 * @param workers whose contributions are in it: what their rounding left over counts from this version on
 */
@SuppressWarnings("ArrayRecordComponent") // An update is its bytes, and is never compared.
record SliceUpdate(byte[] values, List<Integer> workers) implements Serializable {}
