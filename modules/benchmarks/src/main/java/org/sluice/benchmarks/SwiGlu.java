package org.sluice.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.sluice.tensor.Tensor;

/** The gate inside the feed-forward layer. */
public class SwiGlu extends OperationBenchmark {
    private Tensor gate;
    private Tensor up;
    private Tensor out;
    private Tensor outGradient;
    private Tensor gateGradient;
    private Tensor upGradient;

    @Override
    void prepare() {
        gate = numbers(BenchModel.ROWS, BenchModel.FFN);
        up = numbers(BenchModel.ROWS, BenchModel.FFN);
        out = numbers(BenchModel.ROWS, BenchModel.FFN);
        outGradient = numbers(BenchModel.ROWS, BenchModel.FFN);
        gateGradient = numbers(BenchModel.ROWS, BenchModel.FFN);
        upGradient = numbers(BenchModel.ROWS, BenchModel.FFN);
    }

    @Benchmark
    public void swiGlu() {
        backend().gates().swiGlu(gate, up, out);
    }

    @Benchmark
    public void swiGluBackward() {
        backend().gates().swiGluBackward(outGradient, gate, up, gateGradient, upGradient);
    }
}
