package org.sluice.cluster;

import org.sluice.model.ParameterLayout;
import org.sluice.tensor.DType;
import org.sluice.training.ReplicaMemory;
import org.sluice.training.TrainingConfig;

/**
 * What one worker takes of its executor's machine, in bytes, known before anything is allocated.
 *
 * <p>With {@code P} the model's parameters, {@code W} the workers, {@code F} the fragments and {@code b} the bytes of a parameter in the wire
 * format (int8 has 4 more for each 256):
 *
 * <pre>
 * wire         8 P                    where changes travel: the copy of the global parameters and what rounding left over
 * checkpoint   8 P with AdamW         asynchronous checkpoints, where workers keep their state in them; 4 P more where changes travel
 * versions     v c n P / W            n = 4, with outer momentum 4 more, where changes travel 4 + b more, with averaged moments 8 more;
 *                                     v = 2 versions, 3 with asynchronous checkpoints; c = 2 copies if the number of workers may change
 * overlap      8 P / F                what was sent and what was fetched, with overlap only; 12 P / F where changes travel
 * merging      t s W b                t tasks that each average a partition of s elements, of which all W workers sent theirs
 * </pre>
 *
 * @param replica in the backend's memory: a GPU's own on a GPU
 * @param wire in the backend's memory too
 * @param checkpoint outside the Java heap, within {@code -XX:MaxDirectMemorySize}
 * @param versions a worker's part of the versions of the parameters that the executors keep, on the Java heap; what does not fit goes to local
 *     disks
 * @param overlap on the Java heap
 * @param merging on the Java heap
 */
public record WorkerMemory(
        ReplicaMemory replica, long wire, long checkpoint, long versions, long overlap, long merging) {
    private static final long FLOAT = DType.FLOAT32.bytes();
    private static final long MOMENTS_OF_ADAMW = 2;

    /**
     * What a worker takes, when all take part.
     *
     * @param blockLength the positions of a block
     * @param tasks the tasks of the exchange that run at once for each worker: the cores of an executor divided by its workers
     * @throws IllegalArgumentException if there are more fragments than slices
     */
    public static WorkerMemory of(TrainingPlan plan, int blockLength, int tasks) {
        ClusterConfig cluster = plan.cluster();
        boolean changes = cluster.wireFormat().keepsResiduals();
        boolean averaged = cluster.innerState() == InnerState.AVERAGED;
        long moments = plan.training().optimizer().equals(TrainingConfig.ADAMW) ? MOMENTS_OF_ADAMW : 0;
        SliceLayout layout = SliceLayout.of(
                ParameterLayout.of(plan.model()).elements(),
                cluster.sliceElements(),
                cluster.workers(),
                cluster.streaming().fragments());
        long flat = layout.elements() * FLOAT;
        boolean kept = cluster.asynchronousCheckpoints() && (cluster.innerState() == InnerState.LOCAL || changes);
        return new WorkerMemory(
                ReplicaMemory.of(plan.model(), plan.training().fittedTo(cluster.largestShare()), blockLength),
                changes ? 2 * flat : 0,
                kept ? (moments + (changes ? 1 : 0)) * flat : 0,
                versions(cluster, layout, averaged ? moments : 0),
                cluster.streaming().overlap() ? (changes ? 3 : 2) * flat / layout.fragments() : 0,
                merging(cluster, layout, averaged ? moments : 0, tasks));
    }

    private static long versions(ClusterConfig cluster, SliceLayout layout, long moments) {
        long flat = layout.elements() * FLOAT;
        boolean changes = cluster.wireFormat().keepsResiduals();
        long one = flat
                + (cluster.outer().keepsMomentum() ? flat : 0)
                + (changes ? flat + cluster.wireFormat().bytes(layout.elements()) : 0)
                + moments * flat;
        long atOnce = cluster.asynchronousCheckpoints() ? 3 : 2;
        int copies = cluster.minWorkers() < cluster.workers() ? 2 : 1;
        return atOnce * copies * one / cluster.workers();
    }

    private static long merging(ClusterConfig cluster, SliceLayout layout, long moments, int tasks) {
        long slices = (layout.slices() + layout.partitions() - 1L) / layout.partitions();
        long elements = Math.min(layout.elements(), slices * layout.sliceElements());
        long atOnce = Math.min(tasks, (layout.partitions() + cluster.workers() - 1L) / cluster.workers());
        return atOnce * cluster.workers() * (1 + moments) * cluster.wireFormat().bytes(elements);
    }

    /** What is in the backend's memory. */
    public long backend() {
        return replica.total() + wire;
    }

    /** What is on the Java heap. */
    public long heap() {
        return versions + overlap + merging;
    }

    /** All of it. */
    public long total() {
        return backend() + checkpoint + heap();
    }
}
