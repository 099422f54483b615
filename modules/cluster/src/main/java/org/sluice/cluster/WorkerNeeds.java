package org.sluice.cluster;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.sluice.cluster.preflight.Requirements;
import org.sluice.training.Replica;
import org.sluice.training.ReplicaMemory;

/**
 * What a worker takes of its executor, known from the plan.
 *
 * <p>Outside the Java heap, with {@code P} parameters: what {@link ReplicaMemory} says; {@code 8 P} bytes where changes travel, for the copy of
 * the parameters and for what rounding left over; and where checkpoints are asynchronous and keep the worker's state, a copy of that state,
 * {@code 8 P} with AdamW and {@code 4 P} for what rounding left over, in direct buffers of Java.
 *
 * <p>On local disks: what it sends in a round, once, as what was sent in the round before is deleted by then.
 */
final class WorkerNeeds {
    private final TrainingPlan plan;
    private final SliceLayout layout;
    private final BlockSource blocks;
    private final ExecutorSettings settings;

    WorkerNeeds(TrainingPlan plan, SliceLayout layout, BlockSource blocks, ExecutorSettings settings) {
        this.plan = plan;
        this.layout = layout;
        this.blocks = blocks;
        this.settings = settings;
    }

    /** What all workers need where they are to live. */
    Requirements of(List<WorkerPlacement> workers) {
        Map<String, Integer> perExecutor =
                workers.stream().collect(Collectors.toMap(WorkerPlacement::executor, worker -> 1, Integer::sum));
        return new Requirements(
                plan.cluster().backend(),
                plan.cluster().precision(),
                perExecutor,
                tensorBytes(),
                directBytes(),
                sentBytes(),
                settings.containerOverheadBytes(),
                settings.fill("{room}"),
                settings.fill("{disk}"));
    }

    long tensorBytes() {
        long replica = ReplicaMemory.of(
                        plan.model(), plan.training().fittedTo(plan.cluster().largestShare()), blocks.blockLength())
                .total();
        long copyAndResidual = plan.cluster().wireFormat().keepsResiduals() ? 2 * numberEach() : 0;
        return replica + copyAndResidual;
    }

    long directBytes() {
        if (!plan.cluster().asynchronousCheckpoints()) {
            return 0;
        }
        boolean residual = plan.cluster().wireFormat().keepsResiduals();
        boolean kept = residual || plan.cluster().innerState() == InnerState.LOCAL;
        return kept ? (optimizerStates() + (residual ? 1 : 0)) * numberEach() : 0;
    }

    long sentBytes() {
        WireCodec codec = plan.cluster().wireFormat().codec();
        long parameters = layout.allFragments().stream()
                .mapToLong(fragment -> layout.slicesOf(fragment)
                        .mapToLong(slice -> codec.bytes(layout.length(slice)))
                        .sum())
                .max()
                .orElseThrow();
        long averaged = plan.cluster().innerState() == InnerState.AVERAGED ? optimizerStates() : 0;
        return (1 + averaged) * parameters;
    }

    private long optimizerStates() {
        return Replica.optimizerStateNames(plan.training()).size();
    }

    /** The bytes of a number of 32 bits for each parameter. */
    private long numberEach() {
        return layout.elements() * Float.BYTES;
    }
}
