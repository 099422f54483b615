package org.sluice.experiments.live;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.sluice.cluster.TrainingListener.Place;

/** Where each worker of a variant lives, and whose work counted last. */
final class WorkerTable {
    private final Map<Integer, Worker> workers = new TreeMap<>();

    /**
     * What is known of a worker.
     *
     * @param counted the last round in which its work counted; 0 for none
     * @param uncounted the last round in which it did not; 0 for none
     */
    private record Worker(String executor, String host, long counted, long uncounted, String reason) {
        static final Worker NEW = new Worker("", "", 0, 0, "");

        Worker at(Place place, long round) {
            return new Worker(place.executor(), place.host(), round, uncounted, reason);
        }

        Worker without(long round, String why) {
            return new Worker(executor, host, counted, round, why);
        }
    }

    /** Workers begin, or begin anew, at those places. */
    void begin(List<Place> places) {
        workers.clear();
        places.forEach(place -> workers.put(place.worker(), Worker.NEW.at(place, 0)));
    }

    void counted(long round, List<Place> places) {
        places.forEach(
                place -> workers.put(place.worker(), known(place.worker()).at(place, round)));
    }

    void uncounted(long round, int worker, String reason) {
        workers.put(worker, known(worker).without(round, reason));
    }

    private Worker known(int worker) {
        return workers.getOrDefault(worker, Worker.NEW);
    }

    void write(ArrayNode target) {
        workers.forEach((number, worker) -> {
            ObjectNode entry = target.addObject();
            entry.put("worker", number);
            entry.put("executor", worker.executor());
            entry.put("host", worker.host());
            entry.put("counted", worker.counted());
            entry.put("uncounted", worker.uncounted());
            entry.put("reason", worker.reason());
        });
    }
}
