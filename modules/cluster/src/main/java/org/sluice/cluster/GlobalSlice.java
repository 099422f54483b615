package org.sluice.cluster;

import java.io.Serializable;
import java.util.Map;

/**
 * One slice of a version of the parameters.
 *
 * @param index its place in the {@link SliceLayout}
 * @param parameters the values, fp32, little-endian; never changed once made; null where only the update is
 * @param momentum the outer optimizer's momentum of the same elements, in the same form; null where there is none
 * @param residual what rounding left over of the updates sent so far, in the same form; null where there is none, which is zero
 * @param moments the averaged state of the workers' optimizers, the same elements of each moment one behind the other; null where it is not
 *     averaged, or zero
 * @param update what changed since the version before; null where the parameters travel
 * @param changes the sum of squares of each worker's change of it in the round that made this version; empty where no round did
 */
@SuppressWarnings("ArrayRecordComponent") // A slice is its bytes, and is never compared.
record GlobalSlice(
        int index,
        byte[] parameters,
        byte[] momentum,
        byte[] residual,
        byte[] moments,
        SliceUpdate update,
        Map<Integer, Double> changes)
        implements Serializable {

    /** A slice that no round made. */
    static GlobalSlice start(int index, byte[] parameters, byte[] momentum, byte[] residual) {
        return start(index, parameters, momentum, residual, null);
    }

    /** A slice that no round made, with the state of the workers' optimizers. */
    static GlobalSlice start(int index, byte[] parameters, byte[] momentum, byte[] residual, byte[] moments) {
        return new GlobalSlice(index, parameters, momentum, residual, moments, null, Map.of());
    }

    /** The same parameters, sharing their bytes, without what workers do not need. */
    GlobalSlice parametersOnly() {
        return start(index, parameters, null, null, moments);
    }

    /** The same update, sharing its bytes, for workers that have the version before. */
    GlobalSlice updateOnly() {
        return new GlobalSlice(index, null, null, null, null, update, Map.of());
    }
}
