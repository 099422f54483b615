package org.sluice.cluster;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How far each worker has moved the parameters: sums of squares, added up in double precision in the order of the slices. Workers that were
 * averaged before they sent anything have moved together.
 */
final class ChangeNorms {
    private ChangeNorms() {}

    /**
     * The sum of squares of each worker's change of a slice.
     *
     * @param before the slice of the version before
     */
    static Map<Integer, Double> of(WireFormat format, GlobalSlice before, List<Contribution> contributions) {
        Map<Integer, Double> changes = new TreeMap<>();
        for (Contribution contribution : contributions) {
            double squares = squares(format, contribution.values(), before.parameters());
            contribution.workers().forEach(worker -> changes.put(worker, squares));
        }
        return changes;
    }

    /** Of what changed as it was sent, or of the distance of parameters from those before. */
    private static double squares(WireFormat format, byte[] values, byte[] before) {
        WireCodec codec = format.codec();
        float[] sent = new float[WireCodec.TILE];
        float[] origin = new float[WireCodec.TILE];
        int elements = before.length / Float.BYTES;
        double sum = 0;
        for (int first = 0; first < elements; first += WireCodec.TILE) {
            int count = Math.min(WireCodec.TILE, elements - first);
            codec.decode(values, first, sent, count);
            if (!format.keepsResiduals()) {
                codec.decode(before, first, origin, count);
            }
            for (int at = 0; at < count; at++) {
                double change = (double) sent[at] - origin[at];
                sum += change * change;
            }
        }
        return sum;
    }

    /** The sums over some slices. */
    static Map<Integer, Double> sum(Iterator<GlobalSlice> slices) {
        Map<Integer, Double> sums = new TreeMap<>();
        slices.forEachRemaining(slice -> add(sums, slice.changes()));
        return sums;
    }

    static void add(Map<Integer, Double> sums, Map<Integer, Double> more) {
        more.forEach((worker, squares) -> sums.merge(worker, squares, Double::sum));
    }
}
