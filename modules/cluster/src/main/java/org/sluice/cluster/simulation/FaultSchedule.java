package org.sluice.cluster.simulation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What goes wrong, and when.
 *
 * @param faults in the order of their times
 */
public record FaultSchedule(List<Fault> faults) {
    /** Nothing goes wrong. */
    public static final FaultSchedule NONE = new FaultSchedule(List.of());

    public FaultSchedule {
        faults = faults.stream().sorted(Comparator.comparingDouble(Fault::at)).toList();
    }

    /**
     * Faults of given kinds as a Poisson process, each at an executor of its own choice.
     *
     * @param kinds to choose from; a kind that is listed twice comes twice as often
     * @param meanSecondsBetween two faults of the whole cluster
     * @param meanSeconds that a fault lasts, distributed exponentially
     * @param horizonSeconds no fault comes later
     */
    public static FaultSchedule random(
            long seed,
            List<Fault.Kind> kinds,
            int executors,
            double meanSecondsBetween,
            double meanSeconds,
            double horizonSeconds) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Fault> faults = new ArrayList<>();
        double at = exponential(random, meanSecondsBetween);
        while (at < horizonSeconds) {
            faults.add(new Fault(
                    at,
                    kinds.get(random.nextInt(kinds.size())),
                    random.nextInt(executors),
                    exponential(random, meanSeconds)));
            at += exponential(random, meanSecondsBetween);
        }
        return new FaultSchedule(faults);
    }

    private static double exponential(SplittableRandom random, double mean) {
        return -mean * StrictMath.log(1 - random.nextDouble());
    }
}
