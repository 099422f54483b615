package org.sluice.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.sluice.tensor.Tensor;

/** A mixture of experts: its router, and the rows' way to their experts and back. */
public class Mixture extends OperationBenchmark {
    private Tensor logits;
    private Tensor routed;
    private Tensor probabilities;
    private Tensor logSumExp;
    private Tensor experts;
    private Tensor weights;
    private Tensor places;
    private Tensor offsets;
    private Tensor probabilitySums;
    private Tensor squares;
    private Tensor weightsGradient;
    private Tensor logitsGradient;
    private Tensor x;
    private Tensor permuted;
    private Tensor expertOutGradient;
    private Tensor out;

    @Override
    void prepare() {
        logits = numbers(BenchModel.ROWS, BenchModel.EXPERTS);
        routed = integers(BenchModel.ROWS);
        backend().memory().fill(routed, 1);
        probabilities = numbers(BenchModel.ROWS, BenchModel.EXPERTS);
        logSumExp = numbers(BenchModel.ROWS);
        experts = integers(BenchModel.ROWS, BenchModel.CHOSEN);
        weights = numbers(BenchModel.ROWS, BenchModel.CHOSEN);
        places = integers(BenchModel.ROWS, BenchModel.CHOSEN);
        offsets = integers(BenchModel.EXPERTS + 1);
        probabilitySums = doubles(BenchModel.EXPERTS);
        squares = doubles(1);
        weightsGradient = numbers(BenchModel.ROWS, BenchModel.CHOSEN);
        logitsGradient = numbers(BenchModel.ROWS, BenchModel.EXPERTS);
        x = numbers(BenchModel.ROWS, BenchModel.HIDDEN);
        permuted = numbers(BenchModel.CHOSEN * BenchModel.ROWS, BenchModel.HIDDEN);
        expertOutGradient = numbers(BenchModel.CHOSEN * BenchModel.ROWS, BenchModel.HIDDEN);
        out = numbers(BenchModel.ROWS, BenchModel.HIDDEN);
        route();
    }

    @Benchmark
    public void route() {
        backend().mixture().route(logits, routed, true, probabilities, logSumExp, experts, weights, places, offsets);
    }

    @Benchmark
    public void routerSums() {
        backend().mixture().routerSums(probabilities, logSumExp, probabilitySums, squares);
    }

    @Benchmark
    public void routeBackward() {
        backend()
                .mixture()
                .routeBackward(
                        weightsGradient,
                        probabilities,
                        logSumExp,
                        experts,
                        weights,
                        true,
                        probabilitySums,
                        0.1,
                        logitsGradient);
    }

    @Benchmark
    public void permute() {
        backend().mixture().permute(x, places, permuted);
    }

    @Benchmark
    public void permuteBackward() {
        backend().mixture().permuteBackward(permuted, places, out);
    }

    @Benchmark
    public void combine() {
        backend().mixture().combine(permuted, places, weights, out);
    }

    @Benchmark
    public void combineBackward() {
        backend().mixture().combineBackward(x, permuted, places, weights, expertOutGradient, weightsGradient);
    }
}
