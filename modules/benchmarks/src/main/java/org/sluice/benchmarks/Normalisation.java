package org.sluice.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.sluice.tensor.Tensor;

/** RMSNorm of the residual stream and of heads, and the residual's clip. */
public class Normalisation extends OperationBenchmark {
    private static final double BOUND = 0.5;

    private Tensor x;
    private Tensor branch;
    private Tensor sum;
    private Tensor weight;
    private Tensor out;
    private Tensor inverseRms;
    private Tensor xGradient;
    private Tensor weightGradient;
    private Tensor heads;
    private Tensor rotated;
    private Tensor headWeight;
    private Tensor cosine;
    private Tensor sine;
    private Tensor headInverseRms;
    private Tensor headsGradient;
    private Tensor headWeightGradient;

    @Override
    void prepare() {
        x = numbers(BenchModel.ROWS, BenchModel.HIDDEN);
        branch = numbers(BenchModel.ROWS, BenchModel.HIDDEN);
        sum = numbers(BenchModel.ROWS, BenchModel.HIDDEN);
        weight = numbers(BenchModel.HIDDEN);
        out = numbers(BenchModel.ROWS, BenchModel.HIDDEN);
        inverseRms = numbers(BenchModel.ROWS);
        xGradient = numbers(BenchModel.ROWS, BenchModel.HIDDEN);
        weightGradient = numbers(BenchModel.HIDDEN);
        heads = heads();
        rotated = heads();
        headWeight = numbers(BenchModel.HEAD_DIM);
        cosine = numbers(BenchModel.TIME, BenchModel.HEAD_DIM / 2);
        sine = numbers(BenchModel.TIME, BenchModel.HEAD_DIM / 2);
        headInverseRms = numbers(BenchModel.BATCH, BenchModel.TIME, BenchModel.HEADS);
        headsGradient = heads();
        headWeightGradient = numbers(BenchModel.HEAD_DIM);
        rmsNorm();
        headNormRotary();
    }

    private Tensor heads() {
        return numbers(BenchModel.BATCH, BenchModel.TIME, BenchModel.HEADS, BenchModel.HEAD_DIM);
    }

    @Benchmark
    public void rmsNorm() {
        backend().normalisation().rmsNorm(x, weight, BenchModel.EPSILON, out, inverseRms);
    }

    @Benchmark
    public void addRmsNorm() {
        backend().normalisation().addRmsNorm(x, branch, weight, BenchModel.EPSILON, sum, out, inverseRms);
    }

    @Benchmark
    public void rmsNormBackwardAdded() {
        backend().normalisation().rmsNormBackward(branch, x, weight, inverseRms, xGradient, true, weightGradient);
    }

    @Benchmark
    public void headNormRotary() {
        backend()
                .normalisation()
                .headNormRotary(heads, headWeight, BenchModel.EPSILON, cosine, sine, rotated, headInverseRms);
    }

    @Benchmark
    public void headNormRotaryBackward() {
        backend()
                .normalisation()
                .headNormRotaryBackward(
                        rotated, heads, headWeight, cosine, sine, headInverseRms, headsGradient, headWeightGradient);
    }

    @Benchmark
    public void clip() {
        backend().normalisation().clip(branch, BOUND);
    }

    @Benchmark
    public void clipBackward() {
        backend().normalisation().clipBackward(branch, BOUND, xGradient);
    }
}
