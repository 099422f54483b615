package org.sluice.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.sluice.tensor.Optimisation.AdamWStep;
import org.sluice.tensor.Tensor;

/** What is done to all parameters and gradients at once. */
public class Parameters extends OperationBenchmark {
    private static final AdamWStep STEP = new AdamWStep(1e-4, 0.9, 0.999, 1e-8, 0.1, 10, 1);

    private Tensor parameters;
    private Tensor gradients;
    private Tensor firstMoment;
    private Tensor secondMoment;
    private Tensor result;

    @Override
    void prepare() {
        parameters = numbers(BenchModel.PARAMETERS);
        gradients = numbers(BenchModel.PARAMETERS);
        firstMoment = numbers(BenchModel.PARAMETERS);
        secondMoment = numbers(BenchModel.PARAMETERS);
        backend().memory().fill(secondMoment, 1e-3);
        result = doubles(1);
    }

    @Benchmark
    public void adamW() {
        backend().optimisation().adamW(parameters, gradients, firstMoment, secondMoment, STEP);
    }

    @Benchmark
    public void gradientDescent() {
        backend().optimisation().gradientDescent(parameters, gradients, 1e-6);
    }

    @Benchmark
    public void sumOfSquares() {
        backend().statistics().sumOfSquares(gradients, result);
    }

    @Benchmark
    public void maxAbsolute() {
        backend().statistics().maxAbsolute(gradients, result);
    }

    @Benchmark
    public void fill() {
        backend().memory().fill(gradients, 0);
    }

    @Benchmark
    public void addScaled() {
        backend().memory().addScaled(gradients, 0.5, parameters);
    }
}
