package org.sluice.cluster;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.BlockManagerId;
import scala.jdk.javaapi.CollectionConverters;

/** Which executors are alive, and who of the workers lives in which. */
final class ExecutorRoster {
    /** How long the first executor is waited for: a cluster may be busy with others. */
    private static final long FIRST_PATIENCE_SECONDS = 600;

    private static final long LOOK_AGAIN_MILLIS = 20;

    private final JavaSparkContext context;
    private final Supplier<Set<String>> lost;

    /** A living executor; it may have 0 known cores while Spark has not yet told. */
    private record Executor(String id, String host, int cores) {}

    /**
     * @param lost the executors that are known to be lost, which Spark may still list for a moment
     */
    ExecutorRoster(JavaSparkContext context, Supplier<Set<String>> lost) {
        this.context = context;
        this.lost = lost;
    }

    /**
     * The executors that are alive. Waits a while for executors that are still starting, if those that are there run too few workers at the
     * same time.
     *
     * @param workers as many as are to run at the same time
     * @param excluded executors that cannot be used
     * @throws IllegalStateException if there is no executor
     */
    List<WorkerPlaces.Executor> await(int workers, Set<String> excluded) {
        long start = System.nanoTime();
        while (true) {
            List<WorkerPlaces.Executor> executors = alive().stream()
                    .filter(executor -> !excluded.contains(executor.id()))
                    .map(executor ->
                            new WorkerPlaces.Executor(executor.id(), executor.host(), executor.cores() / taskCores()))
                    .toList();
            long waited = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
            int slots =
                    executors.stream().mapToInt(WorkerPlaces.Executor::slots).sum();
            boolean patient = !context.isLocal() && waited < patience();
            if (slots >= workers || (!executors.isEmpty() && !patient)) {
                return executors;
            }
            if (waited >= FIRST_PATIENCE_SECONDS) {
                throw new IllegalStateException("no executor has come up in " + FIRST_PATIENCE_SECONDS
                        + " seconds; see whether the cluster at " + context.master() + " has free cores and memory");
            }
            lookAgainLater();
        }
    }

    /** A place in each executor that is alive, as it is. */
    List<WorkerPlacement> placeOnePerExecutor() {
        List<Executor> executors = alive();
        return IntStream.range(0, executors.size())
                .mapToObj(number -> new WorkerPlacement(
                        number,
                        executors.get(number).id(),
                        executors.get(number).host()))
                .toList();
    }

    /** The cores that each of the workers can have, if all in its executor train at once; at least 1. */
    int coresPerWorker(List<WorkerPlacement> placements) {
        Map<String, Integer> workersOn = new HashMap<>();
        placements.forEach(placement -> workersOn.merge(placement.executor(), 1, Integer::sum));
        return alive().stream()
                .filter(executor -> workersOn.containsKey(executor.id()))
                .mapToInt(executor -> Math.max(1, executor.cores() / workersOn.get(executor.id())))
                .min()
                .orElse(1);
    }

    private static void lookAgainLater() {
        try {
            Thread.sleep(LOOK_AGAIN_MILLIS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for executors", interrupted);
        }
    }

    /** How long executors that are still starting are waited for while there are fewer cores than workers: as long as Spark waits itself. */
    private long patience() {
        return context.sc().conf().getTimeAsSeconds("spark.scheduler.maxRegisteredResourcesWaitingTime", "30s");
    }

    private int taskCores() {
        return context.getConf().getInt("spark.task.cpus", 1);
    }

    private List<Executor> alive() {
        Set<String> gone = lost.get();
        Map<String, Integer> cores = new HashMap<>();
        CollectionConverters.asJava(context.sc().statusStore().executorList(true))
                .forEach(summary -> cores.put(summary.id(), summary.totalCores()));
        return CollectionConverters.asJava(
                        context.sc().env().blockManager().master().getMemoryStatus())
                .keySet()
                .stream()
                .filter(manager -> context.isLocal() || !manager.isDriver())
                .filter(manager -> !gone.contains(manager.executorId()))
                .map(manager -> executor(manager, cores))
                .sorted(Comparator.comparing(Executor::host).thenComparing(Executor::id))
                .toList();
    }

    private static Executor executor(BlockManagerId manager, Map<String, Integer> cores) {
        return new Executor(manager.executorId(), manager.host(), cores.getOrDefault(manager.executorId(), 0));
    }
}
