package org.sluice.jobs.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.sluice.tensor.MachineSpeed;
import org.sluice.tensor.observation.OperationObserver;
import org.sluice.tensor.observation.OperationWork;

/** Adds up the times of operations by their names. */
final class OperationTimes implements OperationObserver {
    private final Optional<MachineSpeed> machine;
    private final Map<String, Sum> sums = new LinkedHashMap<>();

    private static final class Sum {
        private long calls;
        private long nanoseconds;
        private double floorMillis;
    }

    /** @param machine what floors are counted against; without it there are none */
    OperationTimes(Optional<MachineSpeed> machine) {
        this.machine = machine;
    }

    @Override
    public void ran(String operation, OperationWork work, long nanoseconds) {
        Sum sum = sums.computeIfAbsent(operation, name -> new Sum());
        sum.calls++;
        sum.nanoseconds += nanoseconds;
        machine.ifPresent(speed -> sum.floorMillis += work.floorMillis(speed));
    }

    /** Forgets all operations so far. */
    void clear() {
        sums.clear();
    }

    /**
     * The operations, the one that takes longest first.
     *
     * @param steps over how many steps they were added up
     * @param stepMillis the mean time of a step
     */
    List<OperationTime> ofStep(int steps, double stepMillis) {
        List<OperationTime> times = new ArrayList<>();
        sums.forEach((operation, sum) -> {
            double millis = sum.nanoseconds / 1e6 / steps;
            times.add(new OperationTime(
                    operation,
                    sum.calls / (double) steps,
                    millis,
                    millis / stepMillis,
                    machine.isPresent() ? OptionalDouble.of(sum.floorMillis / steps) : OptionalDouble.empty()));
        });
        times.sort(Comparator.comparingDouble(OperationTime::millis).reversed());
        return times;
    }
}
