package org.sluice.cluster.watch;

/** What a worker of this JVM is doing. The worker says it, and any thread may read it. */
public final class WorkerActivity implements AutoCloseable {
    private final String run;
    private final String variant;
    private final int worker;
    private boolean training;
    private long round;
    private long step;
    private double loss = Double.NaN;
    private double gradientNorm = Double.NaN;
    private double stepSeconds = Double.NaN;
    private double tokensPerSecond = Double.NaN;
    private long tokens;
    private double receiveSeconds;
    private long receivedBytes;
    private long offHeapBytes;
    private long changedAt = System.nanoTime();

    private WorkerActivity(String run, String variant, int worker) {
        this.run = run;
        this.variant = variant;
        this.worker = worker;
    }

    /** That of a new worker, until it is closed. */
    public static WorkerActivity begin(String run, String variant, int worker) {
        WorkerActivity activity = new WorkerActivity(run, variant, worker);
        WorkerActivities.add(activity);
        return activity;
    }

    /** Its local steps of a round begin, from 1. */
    public synchronized void roundBegins(long number) {
        training = true;
        round = number;
        changedAt = System.nanoTime();
    }

    /**
     * A local step is done.
     *
     * @param number the steps of the training that are done with it
     * @param meanLoss over its own targets
     */
    public synchronized void stepDone(long number, double meanLoss, double norm, long positions, double seconds) {
        step = number;
        loss = meanLoss;
        gradientNorm = norm;
        stepSeconds = seconds;
        tokensPerSecond = positions / seconds;
        tokens += positions;
        changedAt = System.nanoTime();
        WorkerActivities.stepDone(seconds);
    }

    /** Its local steps are done, or have failed. */
    public synchronized void roundEnds() {
        training = false;
        changedAt = System.nanoTime();
    }

    /** What it holds outside the Java heap. */
    public synchronized void holds(long bytes) {
        offHeapBytes = bytes;
    }

    /** It has taken parameters. */
    public synchronized void received(double seconds) {
        receiveSeconds += seconds;
    }

    /** Spark has counted what it took. */
    public synchronized void received(long bytes) {
        receivedBytes += bytes;
    }

    synchronized Heartbeat heartbeat(String executor, String host) {
        return new Heartbeat(
                run,
                variant,
                worker,
                executor,
                host,
                training,
                round,
                step,
                loss,
                gradientNorm,
                stepSeconds,
                tokensPerSecond,
                tokens,
                receiveSeconds,
                receivedBytes,
                offHeapBytes,
                (System.nanoTime() - changedAt) * 1e-9);
    }

    @Override
    public void close() {
        WorkerActivities.remove(this);
    }
}
