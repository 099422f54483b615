package org.sluice.cluster;

import java.io.Serializable;

/** A file of a checkpoint that is made of the slices of a version; any worker may write it. */
sealed interface CheckpointPart extends Serializable {

    /** A file of the model's parameters. */
    record Model(int file) implements CheckpointPart {}

    /** The averaged state of the workers' optimizers. */
    record Inner() implements CheckpointPart {}

    /** What the owners keep beside the parameters. */
    record Outer() implements CheckpointPart {}
}
