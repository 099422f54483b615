package org.sluice.cluster.control;

import java.util.Map;
import java.util.TreeMap;

/**
 * Tells poisoned changes of the parameters from good ones by their norms: what is not finite, and what is far above the median of the
 * others. The second needs at least three finite ones, as of two nobody knows which is wrong.
 */
final class DeltaCheck {
    private static final int ENOUGH_TO_COMPARE = 3;

    private DeltaCheck() {}

    /**
     * The workers whose change is refused, each with the reason.
     *
     * @param norms of each worker's change
     * @param refuseAbove times the median of the others; 0 compares none
     */
    static Map<Integer, String> refused(Map<Integer, Double> norms, double refuseAbove) {
        Map<Integer, String> refused = new TreeMap<>();
        norms.forEach((worker, norm) -> {
            if (!Double.isFinite(norm)) {
                refused.put(worker, "its change of the parameters is not finite");
            }
        });
        if (refuseAbove > 0 && norms.size() - refused.size() >= ENOUGH_TO_COMPARE) {
            double[] sorted = norms.values().stream()
                    .mapToDouble(Double::doubleValue)
                    .filter(Double::isFinite)
                    .sorted()
                    .toArray();
            norms.forEach((worker, norm) -> {
                double median = medianWithout(sorted, norm);
                if (Double.isFinite(norm) && median > 0 && norm > refuseAbove * median) {
                    refused.put(
                            worker,
                            String.format(
                                    "the norm of its change of the parameters is %.4g, more than %s times the median of the others', %.4g",
                                    norm, number(refuseAbove), median));
                }
            });
        }
        return refused;
    }

    private static String number(double value) {
        return value == Math.rint(value) ? "" + (long) value : "" + value;
    }

    /** The median of all but one value, which is among them. */
    private static double medianWithout(double[] sorted, double value) {
        int skipped = 0;
        while (skipped < sorted.length && sorted[skipped] < value) {
            skipped++;
        }
        int count = sorted.length - 1;
        double low = without(sorted, skipped, (count - 1) / 2);
        double high = without(sorted, skipped, count / 2);
        return (low + high) / 2;
    }

    private static double without(double[] sorted, int skipped, int index) {
        return sorted[index < skipped ? index : index + 1];
    }
}
