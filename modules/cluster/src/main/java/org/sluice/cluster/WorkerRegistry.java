package org.sluice.cluster;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The workers that live in this JVM, between the tasks of their rounds. It is static, as little else in Sluice is: Spark gives a task no
 * other way to find what an earlier task of its executor left.
 */
final class WorkerRegistry {
    private static final Map<Key, Resident> RESIDENTS = new ConcurrentHashMap<>();

    private record Key(String run, int worker) {}

    private record Resident(int generation, Worker worker) {}

    private WorkerRegistry() {}

    /**
     * The worker of that number and generation; made if it is not here. Workers of the run's earlier generations are closed first, as soon
     * as they have ended the step that they are in.
     *
     * @throws WorkerStateException if the order is of an earlier generation than the workers here
     */
    static Worker find(RoundOrder order, int worker, WorkerSetup setup) {
        RESIDENTS.entrySet().removeIf(entry -> {
            boolean stale =
                    entry.getKey().run().equals(order.run()) && entry.getValue().generation() < order.generation();
            if (stale) {
                entry.getValue().worker().close();
            }
            return stale;
        });
        Resident resident = RESIDENTS.computeIfAbsent(
                new Key(order.run(), worker),
                key -> new Resident(order.generation(), new Worker(order.run(), worker, setup)));
        if (resident.generation() != order.generation()) {
            throw new WorkerStateException(
                    "this task is of generation " + order.generation()
                            + " of the run, which has since begun generation " + resident.generation(),
                    null);
        }
        return resident.worker();
    }

    /** Closes all workers of a run that live here. */
    static void release(String run) {
        RESIDENTS.entrySet().removeIf(entry -> {
            boolean ofRun = entry.getKey().run().equals(run);
            if (ofRun) {
                entry.getValue().worker().close();
            }
            return ofRun;
        });
    }
}
