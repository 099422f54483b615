package org.sluice.experiments.planning;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How large an executor must be that runs all workers of a host.
 *
 * @param workers that it runs
 * @param cores of these; with an overlapped exchange one more, for the tasks of the exchange
 * @param heapBytes the Java heap
 * @param overheadBytes what it takes beside the heap; on a GPU without the GPU's own memory
 * @param directBytes what of that are direct buffers
 */
public record ExecutorSize(int workers, int cores, long heapBytes, long overheadBytes, long directBytes) {
    private static final long MEBIBYTE = 1L << 20;

    /** A heap below this holds hardly more than Spark itself. */
    private static final long LEAST_HEAP = 1024 * MEBIBYTE;

    /** Settings are rounded up to multiples of this. */
    private static final long STEP = 256 * MEBIBYTE;

    static ExecutorSize of(MemoryPlan memory, int workers, int coresPerWorker, boolean overlapped) {
        long outside =
                memory.bytes(MemoryPart.Place.PROCESS) + (memory.gpu() ? 0 : memory.bytes(MemoryPart.Place.BACKEND));
        return new ExecutorSize(
                workers,
                workers * coresPerWorker + (overlapped ? 1 : 0),
                Math.max(LEAST_HEAP, workers * memory.bytes(MemoryPart.Place.HEAP)),
                workers * outside,
                workers * memory.direct());
    }

    /** The same as settings of Spark. Only YARN and Kubernetes read {@code spark.executor.memoryOverhead}. */
    public Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("spark.executor.cores", Integer.toString(cores));
        settings.put("spark.executor.memory", mebibytes(heapBytes));
        settings.put("spark.executor.memoryOverhead", mebibytes(overheadBytes));
        if (directBytes > heapBytes) {
            // Unless it is set, direct buffers may take as much as the heap.
            settings.put("spark.executor.extraJavaOptions", "-XX:MaxDirectMemorySize=" + mebibytes(directBytes));
        }
        return settings;
    }

    private static String mebibytes(long bytes) {
        return (bytes + STEP - 1) / STEP * (STEP / MEBIBYTE) + "m";
    }
}
