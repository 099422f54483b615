package org.sluice.jobs.bench;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * The speed of one replica; printed as one line of JSON with these names.
 *
 * @param tokensPerSecond at the median step
 * @param stepMillis the median step
 * @param backend its name
 * @param precision what its matrix products are computed with
 * @param gflops 10^9 floating-point operations a second, as {@link org.sluice.model.FlopsPerToken} counts them
 * @param cores that the backend used
 * @param parameters of the model
 * @param gate what gates or changes attention in the model, in words; {@code none}
 * @param peakGflops 10^9 operations a second of multiply-adds that the backend's cores reach at once, measured before the steps; null, and
 *     left out of the JSON, where the backend has no way to measure it
 * @param shareOfPeak {@code gflops / peakGflops}; null and left out as that
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BenchmarkResult(
        double tokensPerSecond,
        double stepMillis,
        String backend,
        String precision,
        double gflops,
        int cores,
        long parameters,
        String gate,
        Double peakGflops,
        Double shareOfPeak) {}
