package org.sluice.jobs.bench;

/**
 * The speed of one replica; printed as one line of JSON with these names.
 *
 * @param tokensPerSecond at the median step
 * @param stepMillis the median step
 * @param backend its name
 * @param gflops 10^9 floating-point operations a second, as {@link org.sluice.model.FlopsPerToken} counts them
 * @param cores that the backend used
 * @param parameters of the model
 * @param gate what gates or changes attention in the model, in words; {@code none}
 */
public record BenchmarkResult(
        double tokensPerSecond,
        double stepMillis,
        String backend,
        double gflops,
        int cores,
        long parameters,
        String gate) {}
