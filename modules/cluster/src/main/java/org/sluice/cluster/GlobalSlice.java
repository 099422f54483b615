package org.sluice.cluster;

import java.io.Serializable;
import java.util.List;

/**
 * One slice of a version of the parameters.
 *
 * @param index its place in the {@link SliceLayout}
 * @param parameters the values, fp32, little-endian; never changed once made; null where only the update is
 * @param momentum the outer optimizer's momentum of the same elements, in the same form; null where there is none
 * @param residual what rounding left over of the updates sent so far, in the same form; null where there is none, which is zero
 * @param update what changed since the version before; null where the parameters travel
 * @param reports what the workers of the round that made this version did, with slice 0; empty with all others
 */
@SuppressWarnings("ArrayRecordComponent") // A slice is its bytes, and is never compared.
record GlobalSlice(
        int index, byte[] parameters, byte[] momentum, byte[] residual, SliceUpdate update, List<WorkerReport> reports)
        implements Serializable {

    /** A slice that no round made. */
    static GlobalSlice start(int index, byte[] parameters, byte[] momentum, byte[] residual) {
        return new GlobalSlice(index, parameters, momentum, residual, null, List.of());
    }

    /** The same parameters, sharing their bytes, without what workers do not need. */
    GlobalSlice parametersOnly() {
        return start(index, parameters, null, null);
    }

    /** The same update, sharing its bytes, for workers that have the version before. */
    GlobalSlice updateOnly() {
        return new GlobalSlice(index, null, null, null, update, List.of());
    }
}
