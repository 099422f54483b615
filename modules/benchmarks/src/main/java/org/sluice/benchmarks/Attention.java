package org.sluice.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.sluice.tensor.Tensor;

/** Causal attention of as many positions and as wide as the model's, in sequences and heads of several sizes. */
public class Attention extends OperationBenchmark {
    /** {@code T}. */
    @Param({"256", "512", "4096"})
    public int tokens;

    /** {@code E}. */
    @Param({"64", "128"})
    public int headDim;

    private double scale;
    private Tensor query;
    private Tensor key;
    private Tensor value;
    private Tensor firstVisible;
    private Tensor out;
    private Tensor logSumExp;
    private Tensor outGradient;
    private Tensor delta;
    private Tensor queryGradient;
    private Tensor keyGradient;
    private Tensor valueGradient;

    @Override
    void prepare() {
        int batch = Math.max(1, BenchModel.ROWS / tokens);
        int heads = BenchModel.HIDDEN / headDim;
        scale = 1 / Math.sqrt(headDim);
        query = numbers(batch, tokens, heads, headDim);
        key = numbers(batch, tokens, heads, headDim);
        value = numbers(batch, tokens, heads, headDim);
        firstVisible = integers(batch, tokens);
        out = numbers(batch, tokens, heads, headDim);
        logSumExp = numbers(batch, heads, tokens);
        outGradient = numbers(batch, tokens, heads, headDim);
        delta = numbers(batch, heads, tokens);
        queryGradient = numbers(batch, tokens, heads, headDim);
        keyGradient = numbers(batch, tokens, heads, headDim);
        valueGradient = numbers(batch, tokens, heads, headDim);
        forward();
        outputDot();
    }

    @Benchmark
    public void forward() {
        backend().attention().forward(query, key, value, firstVisible, scale, out, logSumExp);
    }

    @Benchmark
    public void outputDot() {
        backend().attention().outputDot(outGradient, out, delta);
    }

    @Benchmark
    public void backward() {
        backend()
                .attention()
                .backward(
                        outGradient,
                        delta,
                        query,
                        key,
                        value,
                        firstVisible,
                        scale,
                        logSumExp,
                        queryGradient,
                        keyGradient,
                        valueGradient);
    }
}
