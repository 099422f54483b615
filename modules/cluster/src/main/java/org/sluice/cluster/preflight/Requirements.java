package org.sluice.cluster.preflight;

import java.io.Serializable;
import java.util.Map;
import org.sluice.tensor.Precision;

/**
 * What a training needs of its executors.
 *
 * @param backend its name, or {@code auto}
 * @param workers how many workers each executor is to run, by its name
 * @param tensorBytes that a worker takes outside the Java heap through its backend
 * @param directBytes that a worker takes outside the Java heap as direct buffers, beside these
 * @param sentBytes that a worker writes to its executor's disks in a round
 * @param overheadBytes that the containers of executors have beyond the heap, {@code spark.executor.memoryOverhead}; 0 where there are no such
 *     containers
 * @param moreRoom how a user gives an executor more memory, as the end of a sentence
 * @param moreDisk which setting names the executors' local folders
 */
public record Requirements(
        String backend,
        Precision precision,
        Map<String, Integer> workers,
        long tensorBytes,
        long directBytes,
        long sentBytes,
        long overheadBytes,
        String moreRoom,
        String moreDisk)
        implements Serializable {

    int workersOf(ProcessReport executor) {
        return workers.getOrDefault(executor.place().executor(), 0);
    }

    /** {@code 2 workers of this training take 1.5 GiB outside the Java heap}. */
    String need(int count, long bytesEach) {
        return (count == 1 ? "1 worker of this training takes " : count + " workers of this training take ")
                + Bytes.text(count * bytesEach);
    }
}
