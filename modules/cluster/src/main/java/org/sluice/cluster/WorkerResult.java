package org.sluice.cluster;

import java.io.Serializable;
import org.sluice.training.NumericsException;

/** How a worker's part of a round ended. */
sealed interface WorkerResult extends Serializable {

    /** All steps are done. */
    record Done(WorkerReport report) implements WorkerResult {}

    /** A loss or gradient was not finite. Doing it again would end in the same. */
    record NotFinite(NumericsException failure) implements WorkerResult {}

    /** The worker is not here, or what its optimizer remembers is of another version. */
    record WithoutState(String message) implements WorkerResult {}
}
