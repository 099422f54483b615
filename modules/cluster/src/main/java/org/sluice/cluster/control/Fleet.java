package org.sluice.cluster.control;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The workers, as the {@link TrainingLoop} sees them: the executors of a cluster, or the simulation of one. It is used by one thread.
 *
 * @param <R> what workers report
 */
public interface Fleet<R> {

    /** The time, in seconds from any moment on. */
    double seconds();

    /**
     * Gives workers places; those that have one and live keep it. Waits for places as long as there are fewer than the least.
     *
     * @return the numbers of the workers that can take part, ascending
     * @throws FleetException if there is nowhere to work
     */
    List<Integer> muster(int least, int most);

    /**
     * Begins a generation of workers: the parameters of a milestone are loaded.
     *
     * @param from the beginning, or what {@link #newest} gave
     * @return the workers that have, or can restore, an optimizer's state of that version
     * @throws FleetException if it fails in the executors
     */
    Set<Integer> load(Milestone from, List<Integer> crew);

    /** Lets the crew of a round begin, and returns at once. */
    void train(RoundPlan plan);

    /**
     * Waits for what next becomes of a worker in the round.
     *
     * @param until the time to wait until at most
     * @return nothing if it is that time
     * @throws FleetException if the round cannot go on
     */
    Optional<Outcome<R>> await(double until);

    /** Ends the executors of those workers that give no sign of life; the workers of such executors are lost. */
    void replaceSilent(Set<Integer> workers);

    /** Stops the workers that are still at it; what they do is discarded. Those that give no sign of life are replaced. */
    void abandon(Set<Integer> workers);

    /**
     * Averages the changes of workers into the next version, which is not yet the current one. May be called again with fewer workers.
     *
     * @param plan of the round that the workers have done
     * @param reports of the workers whose work counts, in the order of the workers
     * @param portion what is exchanged; if it is overlapped, the workers train in the next round
     * @return the norm of each one's change
     * @throws FleetException if it fails in the executors
     */
    Map<Integer, Double> merge(RoundPlan plan, List<R> reports, Portion portion);

    /**
     * Makes the merged version the current one. If the exchange is overlapped, the workers have it when this returns.
     *
     * @throws FleetException if it fails in the executors
     */
    void publish(RoundPlan plan, Portion portion);

    /** The workers whose places are gone since they were mustered. */
    Set<Integer> gone();

    /**
     * Writes a checkpoint of the current version, or begins to; nothing if there is one already.
     *
     * @param holders the workers whose optimizer has a state of that version
     * @param last whether it must be whole when this returns
     * @throws FleetException if it fails in the executors
     * @throws IOException if the folder cannot be written
     */
    void checkpoint(Milestone milestone, Set<Integer> holders, boolean last) throws IOException;

    /**
     * Abandons what is being done, and finds the newest checkpoint.
     *
     * @throws IOException if the folder cannot be read
     */
    Milestone newest() throws IOException;

    /** Frees what a generation of workers holds. */
    void dismiss();
}
