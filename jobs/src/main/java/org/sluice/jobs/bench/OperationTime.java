package org.sluice.jobs.bench;

import java.util.OptionalDouble;

/**
 * The time of one kind of operation in a training step, the mean of the timed steps.
 *
 * @param operation as {@link org.sluice.tensor.observation.OperationObserver} names it
 * @param calls in a step
 * @param millis of all its calls in a step together
 * @param share of the whole step
 * @param floorMillis what {@code millis} would be at the machine's full speed; empty where the machine was not measured, or there is no floor
 */
public record OperationTime(String operation, double calls, double millis, double share, OptionalDouble floorMillis) {

    /** The floor as a part of the time: 1 at the machine's full speed. */
    public OptionalDouble shareOfFloor() {
        return floorMillis.isPresent() ? OptionalDouble.of(floorMillis.getAsDouble() / millis) : OptionalDouble.empty();
    }
}
