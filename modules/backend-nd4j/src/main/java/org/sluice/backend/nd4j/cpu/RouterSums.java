package org.sluice.backend.nd4j.cpu;

import java.util.Arrays;
import org.sluice.backend.nd4j.HostView;
import org.sluice.backend.nd4j.cpu.kernel.MixtureKernels;
import org.sluice.tensor.Tensor;

/**
 * The sums over a router's rows, in double precision: a part of the rows at a time, and the parts in their order, which does not depend
 * on the number of cores. The floor is memory: 4 bytes a probability.
 */
final class RouterSums {
    private final WorkerTeam team;
    private double[] sums = new double[0];

    RouterSums(WorkerTeam team) {
        this.team = team;
    }

    /** For {@link org.sluice.tensor.Mixture#routerSums}. */
    void write(Tensor probabilities, Tensor logSumExp, Tensor probabilitySums, Tensor squares) {
        long rows = probabilities.shape().dimension(0);
        int expertCount = Host.dimension(probabilities, 1);
        int width = expertCount + 1;
        int parts = WeightGradientParts.parts(rows);
        int size = WeightGradientParts.rowsOfPart(rows);
        if (sums.length < parts * width) {
            sums = new double[parts * width];
        }
        Arrays.fill(sums, 0, parts * width, 0);
        team.run(parts, (part, scratch) -> {
            long first = (long) part * size;
            int count = (int) Math.min(size, rows - first);
            addRows(Host.view(probabilities), first, count, expertCount, part * width, scratch);
            float[] totals = scratch.floats(1, count);
            Host.view(logSumExp).get(first, totals, 0, count);
            sums[part * width + expertCount] = squares(totals, count);
        });
        for (int part = 1; part < parts; part++) {
            for (int x = 0; x < width; x++) {
                sums[x] += sums[part * width + x];
            }
        }
        Host.view(probabilitySums).put(0, sums, 0, expertCount);
        Host.view(squares).put(0, sums, expertCount, 1);
    }

    private void addRows(HostView source, long first, int count, int expertCount, int sumsAt, Scratch scratch) {
        int tileRows = RowTiles.rows(expertCount);
        float[] tile = scratch.floats(0, tileRows * expertCount);
        for (int row = 0; row < count; row += tileRows) {
            int rows = Math.min(tileRows, count - row);
            source.get((first + row) * expertCount, tile, 0, rows * expertCount);
            for (int i = 0; i < rows; i++) {
                MixtureKernels.addTo(sums, sumsAt, tile, i * expertCount, expertCount);
            }
        }
    }

    private static double squares(float[] values, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += (double) values[i] * values[i];
        }
        return sum;
    }
}
