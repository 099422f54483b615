package org.sluice.experiments.planning;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.sluice.cluster.TrainingPlan;
import org.sluice.cluster.WorkerMemory;
import org.sluice.training.ReplicaMemory;

/**
 * A worker's memory, part by part: {@link WorkerMemory}, and what the process around it takes.
 *
 * @param parts all of them
 * @param gpu whether the backend's memory is a GPU's own
 */
public record MemoryPlan(List<MemoryPart> parts, boolean gpu) {
    private static final long MEBIBYTE = 1L << 20;

    /** Assumed: the driver's context on a GPU and the workspaces of libraries. */
    private static final long GPU_CONTEXT = 2048 * MEBIBYTE;

    /** Assumed: code, threads and network buffers of an executor. */
    private static final long PROCESS = 512 * MEBIBYTE;

    /** {@code spark.memory.fraction}: of the heap less 300 MiB Spark gives that to data, and the rest to whatever else there is. */
    private static final double SPARK_FRACTION = 0.6;

    private static final long SPARK_RESERVED = 300 * MEBIBYTE;

    /** The name of the part that is direct buffers. */
    private static final String CHECKPOINT_COPY = "checkpointCopy";

    static MemoryPlan of(TrainingPlan plan, int blockLength, ClusterDescription cluster) {
        WorkerMemory memory = WorkerMemory.of(plan, blockLength, cluster.cores());
        ReplicaMemory replica = memory.replica();
        List<MemoryPart> parts = new ArrayList<>();
        parts.add(backend("parameters", "parameters", replica.parameters()));
        parts.add(backend("gradients", "gradients", replica.gradients()));
        parts.add(backend("optimizerState", "optimizer's moments", replica.optimizerState()));
        parts.add(backend(
                "activations", "activations and logits of a micro-batch", replica.activations() + replica.rest()));
        parts.add(backend("wireFormat", "copy and residual of the wire format", memory.wire()));
        if (cluster.kind().gpu()) {
            parts.add(backend("context", "context and workspaces (assumed)", GPU_CONTEXT));
        }
        parts.add(process(CHECKPOINT_COPY, "copy of the state for a checkpoint", memory.checkpoint()));
        parts.add(process("process", "Java machine outside its heap (assumed)", PROCESS));
        parts.add(heap("versions", "heap: slices of versions", memory.versions()));
        parts.add(heap("overlap", "heap: sent and fetched, with overlap", memory.overlap()));
        parts.add(heap("merging", "heap: slices that are averaged", memory.merging()));
        parts.add(heap("heapRoom", "heap: room that Spark leaves", room(memory.heap())));
        return new MemoryPlan(
                parts.stream().filter(part -> part.bytes() > 0).toList(),
                cluster.kind().gpu());
    }

    private static long room(long data) {
        return Math.round(data / SPARK_FRACTION) - data + SPARK_RESERVED;
    }

    private static MemoryPart backend(String name, String title, long bytes) {
        return new MemoryPart(name, title, MemoryPart.Place.BACKEND, bytes);
    }

    private static MemoryPart process(String name, String title, long bytes) {
        return new MemoryPart(name, title, MemoryPart.Place.PROCESS, bytes);
    }

    private static MemoryPart heap(String name, String title, long bytes) {
        return new MemoryPart(name, title, MemoryPart.Place.HEAP, bytes);
    }

    /** The bytes at a place. */
    public long bytes(MemoryPart.Place place) {
        return bytes(part -> part.place() == place);
    }

    /** The bytes of some parts. */
    long bytes(Predicate<MemoryPart> which) {
        return parts.stream().filter(which).mapToLong(MemoryPart::bytes).sum();
    }

    /** What of the bytes of the process are direct buffers, which {@code -XX:MaxDirectMemorySize} limits. */
    long direct() {
        return bytes(part -> part.name().equals(CHECKPOINT_COPY));
    }

    /** The bytes of what a worker computes with: on a GPU in its memory, otherwise all. */
    public long ofWorker() {
        return gpu ? bytes(MemoryPart.Place.BACKEND) : all();
    }

    /** The bytes of a host's memory for each worker beside its GPU; 0 without one. */
    public long ofHost() {
        return gpu ? bytes(MemoryPart.Place.PROCESS) + bytes(MemoryPart.Place.HEAP) : 0;
    }

    private long all() {
        return bytes(part -> true);
    }

    /** Whether it is no more than a cluster has. */
    boolean fits(ClusterDescription cluster) {
        return ofWorker() <= cluster.memoryBytes() && ofHost() <= cluster.hostMemoryBytes();
    }

    /** Whether it takes less in all than another plan for the same worker. */
    boolean isSmallerThan(MemoryPlan other) {
        return ofWorker() + ofHost() < other.ofWorker() + other.ofHost();
    }
}
