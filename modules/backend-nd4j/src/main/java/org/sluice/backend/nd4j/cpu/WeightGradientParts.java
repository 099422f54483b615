package org.sluice.backend.nd4j.cpu;

import java.util.Arrays;
import org.sluice.backend.nd4j.HostView;

/**
 * The gradient of a weight that all rows share, gathered a part of the rows at a time.
 *
 * <p>The rows of a part are added in float, at most a few thousand; the parts in double, in their order. The parts depend on the number
 * of rows alone, so the sum has the same bits on any number of cores.
 */
final class WeightGradientParts {
    private static final int MOST_PARTS = 64;
    private static final int LEAST_ROWS = 32;

    private float[] sums = new float[0];
    private float[] gradient = new float[0];

    /** Rows of a part, of {@code rows} in all. */
    static int rowsOfPart(long rows) {
        return Math.toIntExact(Math.max(LEAST_ROWS, (rows + MOST_PARTS - 1) / MOST_PARTS));
    }

    static int parts(long rows) {
        int size = rowsOfPart(rows);
        return (int) ((rows + size - 1) / size);
    }

    /** Room for the sums of all parts, {@code stride} floats each, set to zero. */
    float[] zeroed(int parts, int stride) {
        if (sums.length < parts * stride) {
            sums = new float[parts * stride];
        }
        Arrays.fill(sums, 0, parts * stride, 0f);
        return sums;
    }

    /** Adds the first {@code count} sums of every part, from {@code from} on, to {@code target[offset ..]}. */
    void addTo(HostView target, long offset, int parts, int stride, int from, int count) {
        if (gradient.length < count) {
            gradient = new float[count];
        }
        target.get(offset, gradient, 0, count);
        for (int i = 0; i < count; i++) {
            double sum = 0;
            for (int part = 0; part < parts; part++) {
                sum += sums[part * stride + from + i];
            }
            gradient[i] += (float) sum;
        }
        target.put(offset, gradient, 0, count);
    }
}
