package org.sluice.cluster;

import java.io.Serializable;

/**
 * One slice of a version of the parameters.
 *
 * @param index its place in the {@link SliceLayout}
 * @param parameters the values, fp32, little-endian; never changed once made
 * @param momentum the outer optimizer's momentum of the same elements, in the same form; null where there is none
 * @param reports what the workers of the round that made this version did, with slice 0; null with all others
 */
record GlobalSlice(int index, byte[] parameters, byte[] momentum, WorkerReport[] reports) implements Serializable {

    /** The same parameters, sharing their bytes, without what workers do not need. */
    GlobalSlice parametersOnly() {
        return momentum == null && reports == null ? this : new GlobalSlice(index, parameters, null, null);
    }
}
