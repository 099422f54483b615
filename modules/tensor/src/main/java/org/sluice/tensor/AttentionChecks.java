package org.sluice.tensor;

/** The argument checks of {@link Attention}; see {@link OperationChecks}. */
public final class AttentionChecks {
    private final OperationArguments forward;
    private final OperationArguments forwardCached;
    private final OperationArguments outputDot;
    private final OperationArguments backward;
    private final OperationArguments firstTokenProbability;

    public AttentionChecks(OperationChecks operations) {
        forward = operations.arguments("attention forward");
        forwardCached = operations.arguments("attention forwardCached");
        outputDot = operations.arguments("attention outputDot");
        backward = operations.arguments("attention backward");
        firstTokenProbability = operations.arguments("attention firstTokenProbability");
    }

    /** For {@link Attention#forward}. */
    public void forward(
            Tensor query, Tensor key, Tensor value, Tensor firstVisible, double scale, Tensor out, Tensor logSumExp) {
        attended(forward, query, key, firstVisible, scale, logSumExp);
        forward.same(key, "value", value);
        forward.same(query, "out", out);
        forward.apart("out", out, query, key, value);
        forward.apart("out", out, firstVisible, logSumExp);
        forward.apart("logSumExp", logSumExp, query, key, value, firstVisible);
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
        queries(forwardCached, query, firstVisible, scale, logSumExp);
        forwardCached.type("keys", keys, query.dtype());
        forwardCached.rank("keys", keys, 4, "[B, C, K, E]");
        long capacity = keys.shape().dimension(1);
        heads(forwardCached, query, "keys", keys, capacity);
        long last = capacity - query.shape().dimension(1);
        if (firstTime < 0 || firstTime > last) {
            throw forwardCached.refusal(
                    "firstTime",
                    firstTime,
                    "one of 0.." + last + ", for " + query.shape().dimension(1) + " queries and a cache of "
                            + capacity);
        }
        forwardCached.same(keys, "values", values);
        forwardCached.same(query, "out", out);
        forwardCached.apart("out", out, query, keys, values);
        forwardCached.apart("out", out, firstVisible, logSumExp);
        forwardCached.apart("logSumExp", logSumExp, query, keys, values, firstVisible);
    }

    /** For {@link Attention#outputDot}. */
    public void outputDot(Tensor outGradient, Tensor out, Tensor delta) {
        DType dtype = outputDot.floating("out", out);
        outputDot.rank("out", out, 4, "[B, T, H, E]");
        outputDot.same(out, "outGradient", outGradient);
        perHeadAndTime(outputDot, "delta", delta, out, dtype);
        outputDot.apart("delta", delta, out, outGradient);
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
        attended(backward, query, key, firstVisible, scale, logSumExp);
        backward.same(key, "value", value);
        backward.same(query, "outGradient", outGradient);
        perHeadAndTime(backward, "delta", delta, query, query.dtype());
        backward.same(query, "queryGradient", queryGradient);
        backward.same(key, "keyGradient", keyGradient);
        backward.same(key, "valueGradient", valueGradient);
        backward.apart("queryGradient", queryGradient, outGradient, delta, firstVisible, logSumExp);
        backward.apart("queryGradient", queryGradient, query, key, value);
        backward.apart("queryGradient", queryGradient, keyGradient, valueGradient);
        backward.apart("keyGradient", keyGradient, outGradient, delta, firstVisible, logSumExp);
        backward.apart("keyGradient", keyGradient, query, key, value, valueGradient);
        backward.apart("valueGradient", valueGradient, outGradient, delta, firstVisible, logSumExp);
        backward.apart("valueGradient", valueGradient, query, key, value);
    }

    /** For {@link Attention#firstTokenProbability}. */
    public void firstTokenProbability(
            Tensor query, Tensor key, Tensor firstVisible, double scale, Tensor logSumExp, Tensor out) {
        attended(firstTokenProbability, query, key, firstVisible, scale, logSumExp);
        firstTokenProbability.tensor("out", out, DType.FLOAT64, query.shape().dimension(2));
        firstTokenProbability.apart("out", out, query, key, firstVisible, logSumExp);
    }

    private static void attended(
            OperationArguments arguments,
            Tensor query,
            Tensor key,
            Tensor firstVisible,
            double scale,
            Tensor logSumExp) {
        queries(arguments, query, firstVisible, scale, logSumExp);
        arguments.type("key", key, query.dtype());
        arguments.rank("key", key, 4, "[B, T, K, E]");
        heads(arguments, query, "key", key, query.shape().dimension(1));
    }

    private static void queries(
            OperationArguments arguments, Tensor query, Tensor firstVisible, double scale, Tensor logSumExp) {
        DType dtype = arguments.floating("query", query);
        arguments.rank("query", query, 4, "[B, T, H, E]");
        Shape shape = query.shape();
        arguments.tensor("firstVisible", firstVisible, DType.INT32, shape.dimension(0), shape.dimension(1));
        arguments.number("scale", scale, Double.isFinite(scale), "a finite number");
        perHeadAndTime(arguments, "logSumExp", logSumExp, query, dtype);
    }

    /** Checks that a tensor of keys has so many places, and heads that fit those of the queries. */
    private static void heads(OperationArguments arguments, Tensor query, String argument, Tensor keys, long places) {
        Shape shape = query.shape();
        long kvHeads = keys.shape().dimension(2);
        arguments.tensor(argument, keys, query.dtype(), shape.dimension(0), places, kvHeads, shape.dimension(3));
        if (shape.dimension(2) % kvHeads != 0) {
            throw arguments.refusal(
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

    private static void perHeadAndTime(
            OperationArguments arguments, String argument, Tensor tensor, Tensor heads, DType dtype) {
        Shape shape = heads.shape();
        arguments.tensor(argument, tensor, dtype, shape.dimension(0), shape.dimension(2), shape.dimension(1));
    }
}
