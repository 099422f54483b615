package org.sluice.cluster.watch;

/** A number about the whole training, which the driver has. */
public enum RunMetric {
    ROUND("round", "rounds done"),
    STEP("step", "steps done"),
    STEPS("steps", "steps of the whole training"),
    LOSS("loss", "of the last step, the mean over all workers' targets, nats"),
    GRADIENT_NORM("gradientNorm", "of the last step, the mean of the workers' gradient norms"),
    LEARNING_RATE("learningRate", "of the last step"),
    TOKENS("tokens", "positions of all steps"),
    TOKENS_PER_SECOND(
            "tokensPerSecond", "positions of the last round by the time of the whole round, exchange included"),
    WORKERS("workers", "workers whose work counted in the last round"),
    COMPUTE_SECONDS("computeSeconds", "local steps of the slowest worker in the last round"),
    SLOWEST_TO_MEDIAN("slowestToMedian", "time of the slowest worker in the last round by that of the median one"),
    EXCHANGE_SECONDS("exchangeSeconds", "the rest of the last round"),
    EXCHANGE_BYTES("exchangeBytes", "bytes that workers and owners received in the last round"),
    EXCHANGED_BYTES("exchangedBytes", "bytes that they received in all rounds since the training was started"),
    UNCOUNTED("uncounted", "times that a worker's part of a round did not count"),
    CHECKPOINT_SECONDS("checkpointSeconds", "from the end of its round until the last checkpoint was finished"),
    CHECKPOINT_WAITED_SECONDS("checkpointWaitedSeconds", "of these, those that training stood still"),
    CHECKPOINT_BYTES("checkpointBytes", "bytes of the last checkpoint"),
    CHECKPOINTS("checkpoints", "checkpoints finished"),
    CHECKPOINT_FAILURES("checkpointFailures", "checkpoints that could not be written"),
    RECOVERIES("recoveries", "times that training went back to a checkpoint"),
    SLOW_WORKERS("slowWorkers", "workers whose steps take more than twice the median's time now"),
    SILENT_WORKERS("silentWorkers", "workers without a heartbeat now");

    private final String key;
    private final String meaning;

    RunMetric(String key, String meaning) {
        this.key = key;
        this.meaning = meaning;
    }

    /** Its name in Spark's metrics. */
    public String key() {
        return key;
    }

    /** What it is, with its unit, in words. */
    public String meaning() {
        return meaning;
    }
}
