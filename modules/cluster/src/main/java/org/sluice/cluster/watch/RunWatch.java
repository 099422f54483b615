package org.sluice.cluster.watch;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.SparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sluice.cluster.watch.WorkerStatus.Standing;

/**
 * What the driver of a session knows of the training that is under way: the newest heartbeat of each worker, and the numbers of the last round.
 * It may be read by any thread.
 */
public final class RunWatch {
    private static final Logger LOG = LoggerFactory.getLogger(RunWatch.class);

    /** Spark gives a training no way to find the plugin of its own session. */
    private static final Map<SparkContext, RunWatch> OF_SESSIONS = new ConcurrentHashMap<>();

    private final Standings standings;
    private final MetricRegistry registry;
    private final Map<RunMetric, Double> values = new EnumMap<>(RunMetric.class);
    private final Map<Integer, Standings.Newest> newest = new HashMap<>();
    private final Map<Integer, Standing> told = new HashMap<>();
    private String run = "";

    /**
     * @param interval between heartbeats of a worker
     * @param registry takes the metrics, those of workers as they come
     */
    RunWatch(Duration interval, MetricRegistry registry) {
        this.standings = new Standings(interval);
        this.registry = registry;
        for (RunMetric metric : RunMetric.values()) {
            values.put(metric, 0.0);
            registry.register(metric.key(), (Gauge<Double>) () -> value(metric));
        }
    }

    /** That of a session; nothing if the session was started without the {@link SluicePlugin}. */
    public static Optional<RunWatch> of(SparkContext session) {
        return Optional.ofNullable(OF_SESSIONS.get(session));
    }

    void open(SparkContext session) {
        OF_SESSIONS.put(session, this);
    }

    void close() {
        OF_SESSIONS.values().remove(this);
    }

    /**
     * A training begins, or goes on after going back; what is known of an earlier one is forgotten.
     *
     * @param name tells the training from all others, as heartbeats do
     */
    public synchronized void begin(String name) {
        forgetWorkers();
        run = name;
        for (RunMetric metric : RunMetric.values()) {
            values.put(metric, 0.0);
        }
    }

    /** The training is over: its last numbers stay, and its workers are no longer expected to send anything. */
    public synchronized void end() {
        forgetWorkers();
        run = "";
    }

    private void forgetWorkers() {
        newest.clear();
        told.clear();
        registry.removeMatching((name, metric) -> name.startsWith("worker."));
    }

    /** Sets a number. */
    public synchronized void set(RunMetric metric, double value) {
        values.put(metric, value);
    }

    /** Adds to a number. */
    public synchronized void add(RunMetric metric, double value) {
        values.merge(metric, value, Double::sum);
    }

    /** A number about the training as it is now; 0 while it is not known. */
    public double value(RunMetric metric) {
        return switch (metric) {
            case SLOW_WORKERS -> count(Standing.SLOW);
            case SILENT_WORKERS -> count(Standing.SILENT);
            default -> stored(metric);
        };
    }

    private synchronized double stored(RunMetric metric) {
        return values.get(metric);
    }

    private double count(Standing standing) {
        return workers().stream()
                .filter(worker -> worker.standing() == standing)
                .count();
    }

    /** The workers that the driver has heard of in this training, in the order of their numbers. */
    public synchronized List<WorkerStatus> workers() {
        return standings.of(newest.values(), System.nanoTime());
    }

    /** A heartbeat has come. */
    synchronized void heard(Heartbeat heartbeat) {
        if (!heartbeat.run().equals(run)) {
            return;
        }
        Standings.Newest before = newest.put(heartbeat.worker(), new Standings.Newest(heartbeat, System.nanoTime()));
        if (before == null) {
            for (WorkerMetric metric : WorkerMetric.values()) {
                registry.register("worker." + heartbeat.worker() + "." + metric.key(), (Gauge<Double>)
                        () -> value(heartbeat.worker(), metric));
            }
        }
    }

    private synchronized double value(int worker, WorkerMetric metric) {
        Standings.Newest known = newest.get(worker);
        return known == null ? Double.NaN : metric.of(known.heartbeat());
    }

    /** Says in the log whose standing is another than when it was last called. */
    synchronized void tell() {
        for (WorkerStatus status : workers()) {
            Standing before = told.put(status.newest().worker(), status.standing());
            if (status.standing() != (before == null ? Standing.ON_TIME : before)) {
                tell(status);
            }
        }
    }

    private static void tell(WorkerStatus status) {
        Heartbeat newest = status.newest();
        switch (status.standing()) {
            case SILENT ->
                LOG.warn(
                        "{} has sent no heartbeat for {} s; it was in round {}, and {} steps were done",
                        status.name(),
                        Math.round(status.secondsAgo()),
                        newest.round(),
                        newest.step());
            case SLOW ->
                LOG.warn(
                        "{} is slow: its step takes more than twice the time of the median worker's; it is in round {}, and {}"
                                + " steps are done",
                        status.name(),
                        newest.round(),
                        newest.step());
            case ON_TIME -> LOG.info("{} is on time again, in round {}", status.name(), newest.round());
        }
    }
}
