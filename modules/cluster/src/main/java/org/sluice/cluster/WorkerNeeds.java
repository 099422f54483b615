package org.sluice.cluster;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.sluice.cluster.preflight.Requirements;
import org.sluice.training.Replica;

/**
 * What a worker takes of its executor, known from the plan.
 *
 * <p>In memory: what {@link WorkerMemory} says. On local disks: what it sends in a round, once, as what was sent in the round before is deleted
 * by then.
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
        return memory().backend();
    }

    long directBytes() {
        return memory().checkpoint();
    }

    private WorkerMemory memory() {
        return WorkerMemory.of(plan, blocks.blockLength(), 1);
    }

    long sentBytes() {
        WireCodec codec = plan.cluster().wireFormat().codec();
        long parameters = layout.allFragments().stream()
                .mapToLong(fragment -> layout.slicesOf(fragment)
                        .mapToLong(slice -> codec.bytes(layout.length(slice)))
                        .sum())
                .max()
                .orElseThrow();
        long averaged = plan.cluster().innerState() == InnerState.AVERAGED
                ? Replica.optimizerStateNames(plan.training()).size()
                : 0;
        return (1 + averaged) * parameters;
    }
}
