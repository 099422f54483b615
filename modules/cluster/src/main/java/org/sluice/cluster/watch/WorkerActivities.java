package org.sluice.cluster.watch;

import com.codahale.metrics.Histogram;
import com.codahale.metrics.UniformReservoir;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The activities of the workers that live in this JVM. It is static for the reason that the registry of workers is: Spark gives the plugin of an
 * executor no way to find what tasks leave there, and tasks none to find the plugin.
 */
final class WorkerActivities {
    private static final Set<WorkerActivity> ALL = ConcurrentHashMap.newKeySet();
    private static final Histogram STEP_MILLIS = new Histogram(new UniformReservoir());

    private WorkerActivities() {}

    static void add(WorkerActivity activity) {
        ALL.add(activity);
    }

    static void remove(WorkerActivity activity) {
        ALL.remove(activity);
    }

    static void stepDone(double seconds) {
        STEP_MILLIS.update(Math.round(seconds * 1e3));
    }

    /** The times of all steps in this JVM. */
    static Histogram stepMillis() {
        return STEP_MILLIS;
    }

    static List<Heartbeat> heartbeats(String executor, String host) {
        return ALL.stream().map(activity -> activity.heartbeat(executor, host)).toList();
    }
}
