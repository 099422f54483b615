package org.sluice.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A version of the parameters: of each fragment the version that is the newest.
 *
 * @param number the number of the round that made the newest of them
 * @param fragments in their order
 */
record GlobalVersion(long number, List<FragmentVersion> fragments) {

    /** This one with some fragments of a later round. */
    GlobalVersion with(long nextNumber, Map<Integer, FragmentVersion> later) {
        List<FragmentVersion> next = new ArrayList<>(fragments);
        later.forEach(next::set);
        return new GlobalVersion(nextNumber, List.copyOf(next));
    }

    /**
     * Frees in the executors what none of two other versions has, without waiting.
     *
     * @param one null if there is none
     * @param other null if there is none
     */
    void discardAllBut(GlobalVersion one, GlobalVersion other) {
        fragments.stream()
                .filter(fragment -> one == null || !one.fragments().contains(fragment))
                .filter(fragment -> other == null || !other.fragments().contains(fragment))
                .forEach(FragmentVersion::discard);
    }
}
