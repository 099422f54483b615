package org.sluice.cluster;

import java.io.Serializable;
import java.util.List;
import org.sluice.training.NumericsException;

/** How a worker's part of a round ended. */
sealed interface WorkerResult extends Serializable {

    /** Lets a worker do its local steps. */
    static WorkerResult of(
            Participant participant, RoundOrder order, List<IncomingFragment> global, Runnable stopIfKilled) {
        try {
            return new Done(participant.run(order, global, stopIfKilled));
        } catch (NumericsException divergence) {
            return new NotFinite(divergence);
        } catch (WorkerStateException stateless) {
            if (stateless.getCause() != null) {
                // An earlier attempt failed, and why is what the user is to know.
                throw stateless;
            }
            return new WithoutState(stateless.getMessage());
        }
    }

    /** All steps are done. */
    record Done(WorkerReport report) implements WorkerResult {}

    /** A loss or gradient was not finite. Doing it again would end in the same. */
    record NotFinite(NumericsException failure) implements WorkerResult {}

    /** The worker is not here, or what its optimizer remembers is of another version. */
    record WithoutState(String message) implements WorkerResult {}
}
