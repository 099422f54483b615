package org.sluice.cluster;

import java.io.Serializable;

/** One file of a checkpoint, written by one task. */
sealed interface CheckpointPart extends Serializable {

    /** A file of the model's parameters. */
    record Model(int file) implements CheckpointPart {}

    /** What the owners keep beside the parameters. */
    record Outer() implements CheckpointPart {}

    /** The optimizer's state of a worker. */
    record WorkerState(WorkerPlacement placement) implements CheckpointPart {}
}
