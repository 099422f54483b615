package org.sluice.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.sluice.tensor.Tensor;

/** Switch heads: 2 of 8 experts a head. */
public class SwitchHeads extends OperationBenchmark {
    private static final int EXPERTS_PER_HEAD = 8;
    private static final int CHOSEN_PER_HEAD = 2;

    private Tensor x;
    private Tensor logits;
    private Tensor out;
    private Tensor outGradient;
    private Tensor xGradient;
    private Tensor logitsGradient;

    @Override
    void prepare() {
        int experts = BenchModel.HEADS * EXPERTS_PER_HEAD;
        x = numbers(BenchModel.BATCH, BenchModel.TIME, experts, BenchModel.HEAD_DIM);
        logits = numbers(BenchModel.BATCH, BenchModel.TIME, experts);
        out = numbers(BenchModel.BATCH, BenchModel.TIME, BenchModel.HEADS, BenchModel.HEAD_DIM);
        outGradient = numbers(BenchModel.BATCH, BenchModel.TIME, BenchModel.HEADS, BenchModel.HEAD_DIM);
        xGradient = numbers(BenchModel.BATCH, BenchModel.TIME, experts, BenchModel.HEAD_DIM);
        logitsGradient = numbers(BenchModel.BATCH, BenchModel.TIME, experts);
    }

    @Benchmark
    public void switchHeads() {
        backend().gates().switchHeads(x, logits, CHOSEN_PER_HEAD, out);
    }

    @Benchmark
    public void switchHeadsBackward() {
        backend().gates().switchHeadsBackward(outGradient, x, logits, CHOSEN_PER_HEAD, xGradient, logitsGradient);
    }
}
