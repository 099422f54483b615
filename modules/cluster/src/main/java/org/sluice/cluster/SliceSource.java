package org.sluice.cluster;

import java.io.Serializable;

/** Where the slices of a version come from that no round made: the seed, or a checkpoint. */
@FunctionalInterface
interface SliceSource extends Serializable {

    GlobalSlice read(int slice);
}
