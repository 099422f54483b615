package org.sluice.experiments.planning;

import org.sluice.cluster.ClusterConfig;
import org.sluice.cluster.InnerState;
import org.sluice.cluster.TrainingPlan;
import org.sluice.tensor.DType;
import org.sluice.training.Replica;

/**
 * How long the exchange of all parameters takes, and what of it training waits for after a round.
 *
 * @param receivedBytes what a worker receives as a worker and as an owner, of its own executor too
 * @param hostBytes what the network of a host carries in each direction
 * @param networkSeconds for that
 * @param processorSeconds for making, averaging and taking slices
 * @param driverSeconds for starting the jobs of a round
 * @param fragments one of which is exchanged after each round
 * @param overlapped whether that goes on while the next round trains
 */
public record ExchangeTime(
        long receivedBytes,
        long hostBytes,
        double networkSeconds,
        double processorSeconds,
        double driverSeconds,
        int fragments,
        boolean overlapped) {
    /**
     * Measured: a round without training of two workers on a core each takes 4.9 ns for each byte of the model (docs/exchange.md: 1.25 s for 64
     * million parameters). By the table of passes there, so much of it is in the one task that a worker has, and the rest is in tasks that
     * are spread over the cores.
     */
    private static final double OWN_TASK = 1.9e-9;

    private static final double SPREAD_TASKS = 3.0e-9;

    /** Measured: a round of a model so small that nothing else counts, between executors (docs/exchange.md). */
    private static final double ROUND = 0.25;

    static ExchangeTime of(TrainingPlan plan, ClusterDescription cluster) {
        ClusterConfig settings = plan.cluster();
        long parameters = plan.model().parameters();
        int tensors = settings.innerState() == InnerState.AVERAGED
                ? 1 + Replica.optimizerStateNames(plan.training()).size()
                : 1;
        long wire = tensors * settings.wireFormat().bytes(parameters);
        int perHost = cluster.workersTogether(settings);
        int hosts = (settings.workers() + perHost - 1) / perHost;
        double elsewhere = 1 - 1.0 / hosts;
        int senders = settings.partialSums() ? 1 : perHost;
        double hostBytes = (double) wire * (senders + perHost) * elsewhere;
        double bytes = (double) parameters * DType.FLOAT32.bytes() * tensors;
        return new ExchangeTime(
                wire + wire * senders / perHost,
                Math.round(hostBytes),
                hostBytes / cluster.networkBytes(),
                bytes * (OWN_TASK + SPREAD_TASKS / cluster.cores()),
                ROUND,
                settings.streaming().fragments(),
                settings.streaming().overlap());
    }

    /** What is exchanged after a round, from beginning to end. */
    public double secondsOfRound() {
        return (networkSeconds + processorSeconds) / fragments + driverSeconds;
    }

    /**
     * What training waits for it after a round.
     *
     * @param trainSeconds of the next round, in which an overlapped exchange goes on
     */
    public double waitedSeconds(double trainSeconds) {
        return overlapped ? Math.max(0, secondsOfRound() - trainSeconds) : secondsOfRound();
    }
}
