package org.sluice.cluster;

import org.sluice.cluster.control.RoundPolicy;

/** Another {@link ClusterConfig} than one that is there, by the settings that differ. */
final class ClusterChange {
    private final ClusterConfig from;
    private int workers;
    private int minWorkers;
    private int blocksPerStep;
    private int localSteps;
    private InnerState innerState;
    private RoundPolicy rounds;
    private int checkpointRounds;
    private int keepCheckpoints;
    private boolean asynchronousCheckpoints;
    private int sliceElements;
    private int recoveries;
    private boolean expertWeighting;
    private Streaming streaming;

    ClusterChange(ClusterConfig from) {
        this.from = from;
        this.workers = from.workers();
        this.minWorkers = from.minWorkers();
        this.blocksPerStep = from.blocksPerStep();
        this.localSteps = from.localSteps();
        this.innerState = from.innerState();
        this.rounds = from.rounds();
        this.checkpointRounds = from.checkpointRounds();
        this.keepCheckpoints = from.keepCheckpoints();
        this.asynchronousCheckpoints = from.asynchronousCheckpoints();
        this.sliceElements = from.sliceElements();
        this.recoveries = from.recoveries();
        this.expertWeighting = from.expertWeighting();
        this.streaming = from.streaming();
    }

    ClusterChange workers(int most, int least) {
        workers = most;
        minWorkers = least;
        return this;
    }

    ClusterChange steps(int blocks, int local) {
        blocksPerStep = blocks;
        localSteps = local;
        return this;
    }

    ClusterChange innerState(InnerState state) {
        innerState = state;
        return this;
    }

    ClusterChange rounds(RoundPolicy policy) {
        rounds = policy;
        return this;
    }

    ClusterChange checkpoints(int everyRounds, int kept) {
        checkpointRounds = everyRounds;
        keepCheckpoints = kept;
        return this;
    }

    /** Whether training goes on while they are written; if not, which ones are there at a failure does not depend on the clock. */
    ClusterChange asynchronousCheckpoints(boolean goesOn) {
        asynchronousCheckpoints = goesOn;
        return this;
    }

    ClusterChange sliceElements(int elements) {
        sliceElements = elements;
        return this;
    }

    ClusterChange recoveries(int allowed) {
        recoveries = allowed;
        return this;
    }

    ClusterChange expertWeighting(boolean byRows) {
        expertWeighting = byRows;
        return this;
    }

    ClusterChange streaming(int fragments, boolean overlap) {
        streaming = new Streaming(fragments, overlap);
        return this;
    }

    ClusterConfig done() {
        return new ClusterConfig(
                workers,
                minWorkers,
                blocksPerStep,
                localSteps,
                innerState,
                rounds,
                from.outer(),
                checkpointRounds,
                keepCheckpoints,
                asynchronousCheckpoints,
                sliceElements,
                recoveries,
                from.backend(),
                from.precision(),
                from.wireFormat(),
                from.partialSums(),
                expertWeighting,
                streaming,
                from.coresPerWorker());
    }
}
