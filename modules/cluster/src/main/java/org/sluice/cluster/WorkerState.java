package org.sluice.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkEnv;
import org.sluice.tensor.Memory;
import org.sluice.training.NamedState;
import org.sluice.training.Replica;

/**
 * What a worker keeps beside the parameters from round to round, and of which version of them it is: the optimizer's state, and what rounding
 * left over of what it sent. While local steps run it is of none.
 */
final class WorkerState {
    private static final long NONE = -1;

    private final int worker;
    private final InnerState kind;
    private final Replica replica;
    private final Memory memory;
    private final List<NamedState> states;
    private final WorkerStateFile file;
    private long version = NONE;
    private long updates;
    private Throwable tornBy;

    WorkerState(int worker, WorkerSetup setup, Replica replica, ParameterExchange parameters, Memory memory) {
        this.worker = worker;
        this.kind = setup.plan().cluster().innerState();
        this.replica = replica;
        this.memory = memory;
        List<NamedState> all = new ArrayList<>(replica.optimizerState());
        parameters.residual().ifPresent(all::add);
        this.states = List.copyOf(all);
        this.file = new WorkerStateFile(worker, states, memory, setup.hadoop());
    }

    /** The file of a checkpoint that keeps it. */
    WorkerStateFile file() {
        return file;
    }

    /** How many updates made the optimizer's state. */
    long updates() {
        return updates;
    }

    /** The optimizer's state has seen one more update. */
    void updated() {
        updates++;
    }

    /** Local steps begin. */
    void begin() {
        version = NONE;
    }

    /** Local steps have failed, and what is left of the state is of no version. */
    void tear(Throwable failure) {
        tornBy = failure;
    }

    /** All local steps are done. */
    void end(long nextVersion) {
        version = nextVersion;
    }

    /**
     * Makes sure that it is of the order's version.
     *
     * @throws WorkerStateException if it is not, and may not be restored
     */
    void require(RoundOrder order) {
        boolean fresh = order.fresh().contains(worker);
        switch (kind) {
            case LOCAL -> {
                if (fresh) {
                    clearOptimizer(order);
                } else if (version != order.version()) {
                    restore(order);
                }
            }
            case AVERAGED -> {
                // It comes with the parameters.
                updates = order.firstStep();
                version = order.version();
            }
            case RESET -> {
                if (!fresh
                        && version != order.version()
                        && order.version() == order.restore().version()) {
                    // What rounding left over of earlier contributions.
                    restore(order);
                }
                clearOptimizer(order);
            }
        }
        tornBy = null;
    }

    private void clearOptimizer(RoundOrder order) {
        replica.clearOptimizer();
        updates = 0;
        version = order.version();
    }

    private void restore(RoundOrder order) {
        if (order.version() != order.restore().version()) {
            throw new WorkerStateException(
                    "worker " + worker + " has no state of version " + order.version()
                            + " of the parameters: its state " + described(),
                    tornBy);
        }
        String checkpoint = order.restore().checkpoint();
        if (checkpoint == null) {
            states.forEach(state -> memory.fill(state.tensor(), 0));
            updates = 0;
        } else {
            try {
                updates = file.read(new Path(checkpoint), order.firstStep());
            } catch (IOException failure) {
                throw new UncheckedIOException(
                        "the state of worker " + worker + " cannot be read from " + checkpoint + ": "
                                + failure.getMessage(),
                        failure);
            }
        }
        version = order.version();
    }

    private String described() {
        if (tornBy != null) {
            return "was torn by an earlier failure (" + tornBy + ")";
        }
        return version == NONE ? "was never in executor " + SparkEnv.get().executorId() : "is of version " + version;
    }
}
