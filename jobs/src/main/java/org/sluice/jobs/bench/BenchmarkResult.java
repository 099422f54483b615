package org.sluice.jobs.bench;

/**
 * The speed of one replica; printed as one line of JSON with these names.
 *
 * @param tokensPerSecond at the median step
 * @param stepMillis the median step
 * @param backend its name
 * @param gflops 10^9 floating-point operations a second, see {@link StepBenchmark#operationsPerStep}
 * @param cores that the backend used
 * @param parameters of the model
 * @param gate of the model in words
 */
public record BenchmarkResult(
        double tokensPerSecond,
        double stepMillis,
        String backend,
        double gflops,
        int cores,
        long parameters,
        String gate) {}
