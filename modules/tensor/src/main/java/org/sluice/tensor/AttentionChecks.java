package org.sluice.tensor;

/** The argument checks of {@link Attention}; see {@link OperationChecks}. */
public final class AttentionChecks {
    private final OperationChecks operations;

    public AttentionChecks(OperationChecks operations) {
        this.operations = operations;
    }

    /** For {@link Attention#forward}. */
    public void forward(
            Tensor query, Tensor key, Tensor value, Tensor firstVisible, double scale, Tensor out, Tensor logSumExp) {
        OperationCall call = operations.call("attention forward");
        attended(call, query, key, firstVisible, scale, logSumExp);
        call.same(key, "value", value);
        call.same(query, "out", out);
        call.apart("out", out, query, key, value, firstVisible, logSumExp);
        call.apart("logSumExp", logSumExp, query, key, value, firstVisible);
    }

    /** For {@link Attention#forwardCached}. */
    public void forwardCached(
            Tensor query,
            Tensor keys,
            Tensor values,
            Tensor firstVisible,
            int firstTime,
            double scale,
            Tensor out,
            Tensor logSumExp) {
        OperationCall call = operations.call("attention forwardCached");
        queries(call, query, firstVisible, scale, logSumExp);
        call.type("keys", keys, query.dtype());
        call.rank("keys", keys, 4, "[B, C, K, E]");
        long capacity = keys.shape().dimension(1);
        heads(call, query, "keys", keys, capacity);
        long last = capacity - query.shape().dimension(1);
        call.number(
                "firstTime",
                firstTime,
                firstTime >= 0 && firstTime <= last,
                "one of 0.." + last + ", for " + query.shape().dimension(1) + " queries and a cache of " + capacity);
        call.same(keys, "values", values);
        call.same(query, "out", out);
        call.apart("out", out, query, keys, values, firstVisible, logSumExp);
        call.apart("logSumExp", logSumExp, query, keys, values, firstVisible);
    }

    /** For {@link Attention#outputDot}. */
    public void outputDot(Tensor outGradient, Tensor out, Tensor delta) {
        OperationCall call = operations.call("attention outputDot");
        DType dtype = call.floating("out", out);
        call.rank("out", out, 4, "[B, T, H, E]");
        call.same(out, "outGradient", outGradient);
        perHeadAndTime(call, "delta", delta, out, dtype);
        call.apart("delta", delta, out, outGradient);
    }

    /** For {@link Attention#backward}. */
    public void backward(
            Tensor outGradient,
            Tensor delta,
            Tensor query,
            Tensor key,
            Tensor value,
            Tensor firstVisible,
            double scale,
            Tensor logSumExp,
            Tensor queryGradient,
            Tensor keyGradient,
            Tensor valueGradient) {
        OperationCall call = operations.call("attention backward");
        attended(call, query, key, firstVisible, scale, logSumExp);
        call.same(key, "value", value);
        call.same(query, "outGradient", outGradient);
        perHeadAndTime(call, "delta", delta, query, query.dtype());
        call.same(query, "queryGradient", queryGradient);
        call.same(key, "keyGradient", keyGradient);
        call.same(key, "valueGradient", valueGradient);
        Tensor[] read = {outGradient, delta, query, key, value, firstVisible, logSumExp};
        call.apart("queryGradient", queryGradient, read);
        call.apart("queryGradient", queryGradient, keyGradient, valueGradient);
        call.apart("keyGradient", keyGradient, read);
        call.apart("keyGradient", keyGradient, valueGradient);
        call.apart("valueGradient", valueGradient, read);
    }

    /** For {@link Attention#firstTokenProbability}. */
    public void firstTokenProbability(
            Tensor query, Tensor key, Tensor firstVisible, double scale, Tensor logSumExp, Tensor out) {
        OperationCall call = operations.call("attention firstTokenProbability");
        attended(call, query, key, firstVisible, scale, logSumExp);
        call.tensor("out", out, DType.FLOAT64, query.shape().dimension(2));
        call.apart("out", out, query, key, firstVisible, logSumExp);
    }

    private static void attended(
            OperationCall call, Tensor query, Tensor key, Tensor firstVisible, double scale, Tensor logSumExp) {
        queries(call, query, firstVisible, scale, logSumExp);
        call.type("key", key, query.dtype());
        call.rank("key", key, 4, "[B, T, K, E]");
        heads(call, query, "key", key, query.shape().dimension(1));
    }

    private static void queries(OperationCall call, Tensor query, Tensor firstVisible, double scale, Tensor logSumExp) {
        DType dtype = call.floating("query", query);
        call.rank("query", query, 4, "[B, T, H, E]");
        Shape shape = query.shape();
        call.tensor("firstVisible", firstVisible, DType.INT32, shape.dimension(0), shape.dimension(1));
        call.number("scale", scale, Double.isFinite(scale), "a finite number");
        perHeadAndTime(call, "logSumExp", logSumExp, query, dtype);
    }

    /** Checks that a tensor of keys has so many places, and heads that fit those of the queries. */
    private static void heads(OperationCall call, Tensor query, String argument, Tensor keys, long places) {
        Shape shape = query.shape();
        long kvHeads = keys.shape().dimension(2);
        call.tensor(argument, keys, query.dtype(), shape.dimension(0), places, kvHeads, shape.dimension(3));
        if (shape.dimension(2) % kvHeads != 0) {
            throw call.refusal(
                    argument,
                    keys,
                    "has " + kvHeads + " key/value heads",
                    "a divisor of the " + shape.dimension(2) + " query heads");
        }
    }

    /**
     * Refuses an entry of {@code firstVisible} that is not in {@code previous .. time}.
     *
     * @param previous the entry before it in the same sequence; 0 for the first
     */
    public static void requireFirstVisible(String operation, long sequence, int time, int entry, int previous) {
        if (entry < previous || entry > time) {
            throw new IllegalArgumentException(operation + ": argument 'firstVisible' has " + entry + " at sequence "
                    + sequence + ", time " + time + ", expected one of " + previous + ".." + time
                    + ": entries never decrease, and a token sees itself");
        }
    }

    private static void perHeadAndTime(OperationCall call, String argument, Tensor tensor, Tensor heads, DType dtype) {
        Shape shape = heads.shape();
        call.tensor(argument, tensor, dtype, shape.dimension(0), shape.dimension(2), shape.dimension(1));
    }
}
