package org.sluice.cluster;

import java.io.Serializable;
import java.util.List;

/**
 * One slice of a version of the parameters.
 *
 * @param index its place in the {@link SliceLayout}
 * @param parameters the values, fp32, little-endian; never changed once made
 * @param momentum the outer optimizer's momentum of the same elements, in the same form; null where there is none
 * @param reports what the workers of the round that made this version did, with slice 0; empty with all others
 */
@SuppressWarnings("ArrayRecordComponent") // A slice is its bytes, and is never compared.
record GlobalSlice(int index, byte[] parameters, byte[] momentum, List<WorkerReport> reports) implements Serializable {

    /** The same parameters, sharing their bytes, without what workers do not need. */
    GlobalSlice parametersOnly() {
        return momentum == null && reports.isEmpty() ? this : new GlobalSlice(index, parameters, null, List.of());
    }
}
