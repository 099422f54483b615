package org.sluice.cluster.watch;

/** A number about one worker. The driver has it for each, and an executor for all of its workers together. */
public enum WorkerMetric {
    ROUND("round", "the round that it is in, or was in last", Together.LARGEST),
    STEP("step", "steps of the training done with its last one", Together.LARGEST),
    LOSS("loss", "of its last step, nats", Together.MEAN),
    GRADIENT_NORM("gradientNorm", "of its last step", Together.MEAN),
    STEP_SECONDS("stepSeconds", "the time of its last step", Together.LARGEST),
    TOKENS_PER_SECOND("tokensPerSecond", "of its last step", Together.SUM),
    TOKENS("tokens", "positions of all its steps", Together.SUM),
    RECEIVE_SECONDS("receiveSeconds", "time that it waited for parameters, in all rounds", Together.SUM),
    RECEIVED_BYTES("receivedBytes", "bytes of parameters that it took, in all rounds", Together.SUM),
    OFF_HEAP_BYTES("offHeapBytes", "bytes that it holds outside the Java heap", Together.SUM);

    private final String key;
    private final String meaning;
    private final Together together;

    /** How the numbers of several workers become one. */
    enum Together {
        LARGEST,
        MEAN,
        SUM
    }

    WorkerMetric(String key, String meaning, Together together) {
        this.key = key;
        this.meaning = meaning;
        this.together = together;
    }

    /** Its name in Spark's metrics, behind {@code worker.N.} on the driver. */
    public String key() {
        return key;
    }

    /** What it is, with its unit, in words. */
    public String meaning() {
        return meaning;
    }

    double of(Heartbeat heartbeat) {
        return switch (this) {
            case ROUND -> heartbeat.round();
            case STEP -> heartbeat.step();
            case LOSS -> heartbeat.loss();
            case GRADIENT_NORM -> heartbeat.gradientNorm();
            case STEP_SECONDS -> heartbeat.stepSeconds();
            case TOKENS_PER_SECOND -> heartbeat.tokensPerSecond();
            case TOKENS -> heartbeat.tokens();
            case RECEIVE_SECONDS -> heartbeat.receiveSeconds();
            case RECEIVED_BYTES -> heartbeat.receivedBytes();
            case OFF_HEAP_BYTES -> heartbeat.offHeapBytes();
        };
    }

    /** Of all workers of an executor; 0 where there is none. */
    double of(Iterable<Heartbeat> heartbeats) {
        double largest = 0;
        double sum = 0;
        int count = 0;
        for (Heartbeat heartbeat : heartbeats) {
            double one = of(heartbeat);
            if (!Double.isNaN(one)) {
                largest = Math.max(largest, one);
                sum += one;
                count++;
            }
        }
        return switch (together) {
            case LARGEST -> largest;
            case MEAN -> count == 0 ? 0 : sum / count;
            case SUM -> sum;
        };
    }
}
