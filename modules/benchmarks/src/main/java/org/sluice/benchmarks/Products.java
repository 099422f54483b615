package org.sluice.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.sluice.tensor.LinearAlgebra;
import org.sluice.tensor.Tensor;

/** The products with a weight: its output, and the gradients of its input and of itself. */
public class Products extends OperationBenchmark {
    /** Which weight. */
    @Param
    public Weight weight;

    private LinearAlgebra linearAlgebra;
    private Tensor x;
    private Tensor value;
    private Tensor y;
    private Tensor outGradient;
    private Tensor xGradient;
    private Tensor weightGradient;

    /** A weight of the model, or of it where one product does the work of several. */
    public enum Weight {
        /** The query's, key's, value's, gate's or output's projection. */
        PROJECTION(BenchModel.ROWS, BenchModel.HIDDEN, BenchModel.HIDDEN),
        QUERY_KEY_VALUE(BenchModel.ROWS, BenchModel.HIDDEN, 3 * BenchModel.HIDDEN),
        UP(BenchModel.ROWS, BenchModel.HIDDEN, BenchModel.FFN),
        GATE_UP(BenchModel.ROWS, BenchModel.HIDDEN, 2 * BenchModel.FFN),
        DOWN(BenchModel.ROWS, BenchModel.FFN, BenchModel.HIDDEN),
        /** As many operations as {@link GroupedProducts} has, in one product. */
        EXPERTS_AS_ONE(BenchModel.CHOSEN * BenchModel.ROWS, BenchModel.HIDDEN, BenchModel.EXPERT_FFN),
        CLASSIFIER(BenchModel.ROWS, BenchModel.HIDDEN, BenchModel.VOCABULARY);

        private final int rows;
        private final int in;
        private final int out;

        Weight(int rows, int in, int out) {
            this.rows = rows;
            this.in = in;
            this.out = out;
        }
    }

    @Override
    void prepare() {
        linearAlgebra = backend().linearAlgebra();
        x = numbers(weight.rows, weight.in);
        value = numbers(weight.out, weight.in);
        y = numbers(weight.rows, weight.out);
        outGradient = numbers(weight.rows, weight.out);
        xGradient = numbers(weight.rows, weight.in);
        weightGradient = numbers(weight.out, weight.in);
    }

    @Benchmark
    public void forward() {
        linearAlgebra.matmul(x, false, value, true, y, false);
    }

    @Benchmark
    public void inputGradient() {
        linearAlgebra.matmul(outGradient, false, value, false, xGradient, false);
    }

    @Benchmark
    public void inputGradientAdded() {
        linearAlgebra.matmul(outGradient, false, value, false, xGradient, true);
    }

    @Benchmark
    public void weightGradientAdded() {
        linearAlgebra.matmul(outGradient, true, x, false, weightGradient, true);
    }
}
