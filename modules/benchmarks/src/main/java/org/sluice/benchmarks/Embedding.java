package org.sluice.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.sluice.tensor.Tensor;

/** The embedding look-up and its gradient. */
public class Embedding extends OperationBenchmark {
    private Tensor table;
    private Tensor tableGradient;
    private Tensor tokens;
    private Tensor out;
    private Tensor outGradient;

    @Override
    void prepare() {
        table = numbers(BenchModel.VOCABULARY, BenchModel.HIDDEN);
        tableGradient = numbers(BenchModel.VOCABULARY, BenchModel.HIDDEN);
        tokens = tokens();
        out = numbers(BenchModel.ROWS, BenchModel.HIDDEN);
        outGradient = numbers(BenchModel.ROWS, BenchModel.HIDDEN);
    }

    @Benchmark
    public void embed() {
        backend().linearAlgebra().embed(table, tokens, out);
    }

    @Benchmark
    public void embedBackward() {
        backend().linearAlgebra().embedBackward(outGradient, tokens, tableGradient);
    }
}
