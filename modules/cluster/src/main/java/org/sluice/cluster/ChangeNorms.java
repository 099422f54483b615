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
    private static final WireCodec FP32 = new Float32Codec();

    private ChangeNorms() {}

    /**
     * The sum of squares of each worker's change of a slice.
     *
     * @param before the slice of the version before
     */
    static Map<Integer, Double> of(WireFormat format, GlobalSlice before, List<Contribution> contributions) {
        Map<Integer, Double> changes = new TreeMap<>();
        for (Contribution contribution : contributions) {
            double sum = format.keepsResiduals()
                    ? squares(format.codec(), contribution.values(), before.parameters().length / Float.BYTES)
                    : squaredDistance(contribution.values(), before.parameters());
            contribution.workers().forEach(worker -> changes.put(worker, sum));
        }
        return changes;
    }

    private static double squares(WireCodec codec, byte[] values, int elements) {
        float[] tile = new float[WireCodec.TILE];
        double sum = 0;
        for (int first = 0; first < elements; first += WireCodec.TILE) {
            int count = Math.min(WireCodec.TILE, elements - first);
            codec.decode(values, first, tile, count);
            for (int at = 0; at < count; at++) {
                sum += (double) tile[at] * tile[at];
            }
        }
        return sum;
    }

    private static double squaredDistance(byte[] values, byte[] before) {
        float[] here = new float[WireCodec.TILE];
        float[] there = new float[WireCodec.TILE];
        int elements = before.length / Float.BYTES;
        double sum = 0;
        for (int first = 0; first < elements; first += WireCodec.TILE) {
            int count = Math.min(WireCodec.TILE, elements - first);
            FP32.decode(values, first, here, count);
            FP32.decode(before, first, there, count);
            for (int at = 0; at < count; at++) {
                double change = (double) here[at] - there[at];
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
