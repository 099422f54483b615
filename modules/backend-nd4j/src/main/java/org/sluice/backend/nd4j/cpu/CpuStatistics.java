package org.sluice.backend.nd4j.cpu;

import java.util.Arrays;
import org.sluice.backend.nd4j.HostView;
import org.sluice.backend.nd4j.cpu.kernel.StatisticsKernels;
import org.sluice.backend.nd4j.cpu.kernel.VectorMath;
import org.sluice.tensor.OperationChecks;
import org.sluice.tensor.Statistics;
import org.sluice.tensor.StatisticsChecks;
import org.sluice.tensor.Tensor;

/**
 * Reductions, in double precision. Each part of the tensor gives a number, and the numbers are added in the order of the parts, which
 * does not depend on the number of cores. The floor is memory: 4 bytes an element.
 */
final class CpuStatistics implements Statistics {
    private final WorkerTeam team;
    private final StatisticsChecks checks;
    private final double[] result = new double[1];
    private double[] numbers = new double[0];

    CpuStatistics(WorkerTeam team, OperationChecks checks) {
        this.team = team;
        this.checks = new StatisticsChecks(checks);
    }

    @Override
    public void sum(Tensor x, Tensor out) {
        checks.sum(x, out);
        store(out, sum(numbers(x, StatisticsKernels::sum)));
    }

    @Override
    public void sumOfSquares(Tensor x, Tensor out) {
        checks.sumOfSquares(x, out);
        store(out, sum(numbers(x, StatisticsKernels::sumOfSquares)));
    }

    @Override
    public void maxAbsolute(Tensor x, Tensor out) {
        checks.maxAbsolute(x, out);
        int tiles = numbers(x, StatisticsKernels::maxAbsolute);
        double maximum = 0;
        for (int tile = 0; tile < tiles; tile++) {
            maximum = Math.max(maximum, numbers[tile]);
        }
        store(out, maximum);
    }

    /** A number from {@code count} floats; those behind them, up to whole vectors, are 0. {@code lanes} is room for a vector. */
    @FunctionalInterface
    private interface Reduction {
        double of(float[] x, int count, int[] lanes);
    }

    /** Fills {@link #numbers} with one number for each tile; returns how many. */
    private int numbers(Tensor x, Reduction reduction) {
        int tiles = Math.toIntExact((x.elements() + Scratch.TILE - 1) / Scratch.TILE);
        if (numbers.length < tiles) {
            numbers = new double[tiles];
        }
        HostView source = Host.view(x);
        Tiles.run(team, x.elements(), (start, count, scratch) -> {
            float[] tile = scratch.floats(0, Scratch.TILE);
            source.get(start, tile, 0, count);
            Arrays.fill(tile, count, VectorMath.padded(count), 0f);
            numbers[(int) (start / Scratch.TILE)] = reduction.of(tile, count, scratch.ints(VectorMath.LANES));
        });
        return tiles;
    }

    private double sum(int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += numbers[i];
        }
        return sum;
    }

    private void store(Tensor out, double value) {
        result[0] = value;
        Host.view(out).put(0, result, 0, 1);
    }
}
