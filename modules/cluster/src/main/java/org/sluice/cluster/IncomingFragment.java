package org.sluice.cluster;

import java.util.Iterator;
import java.util.function.Supplier;

/**
 * A fragment of a version of the parameters, for a worker to take. It is fetched as it is iterated over.
 *
 * @param fragment its number
 * @param from the fragment's version before
 * @param to the version that it is of
 * @param whole all of its slices, each once, in any order
 * @param updates the same slices as what changed in them since the version before; null where the parameters travel
 */
record IncomingFragment(
        int fragment,
        long from,
        long to,
        Supplier<Iterator<GlobalSlice>> whole,
        Supplier<Iterator<GlobalSlice>> updates) {

    /**
     * Its slices.
     *
     * @param fromBefore whether the taker has the version before, or parts of either, so that updates will do
     */
    Iterator<GlobalSlice> slices(boolean fromBefore) {
        return (updates != null && fromBefore ? updates : whole).get();
    }
}
