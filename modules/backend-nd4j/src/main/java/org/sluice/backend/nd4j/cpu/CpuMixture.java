package org.sluice.backend.nd4j.cpu;

import java.util.Arrays;
import org.sluice.backend.nd4j.HostView;
import org.sluice.backend.nd4j.cpu.kernel.GateKernels;
import org.sluice.backend.nd4j.cpu.kernel.MixtureKernels;
import org.sluice.backend.nd4j.cpu.kernel.RmsNormKernel;
import org.sluice.backend.nd4j.cpu.kernel.VectorMath;
import org.sluice.tensor.Mixture;
import org.sluice.tensor.MixtureChecks;
import org.sluice.tensor.OperationChecks;
import org.sluice.tensor.Tensor;

/**
 * A mixture of experts: its router, {@link GroupedProducts}, and rows that move between their own order and that of the experts.
 * The floor of these moves is memory, for each of {@code N D} elements {@code 4 + 4 k} bytes to permute or combine, {@code 8 + 4 k} to
 * permute back, {@code 4 + 8 k} to combine back.
 */
final class CpuMixture implements Mixture, AutoCloseable {
    private final WorkerTeam team;
    private final MixtureChecks checks;
    private final RouterForward routerForward;
    private final RouterBackward routerBackward;
    private final RouterSums routerSums;
    private final GroupedProducts products;
    private int[] places = new int[0];

    CpuMixture(WorkerTeam team, OperationChecks checks) {
        this.team = team;
        this.checks = new MixtureChecks(checks);
        routerForward = new RouterForward(team);
        routerBackward = new RouterBackward(team);
        routerSums = new RouterSums(team);
        products = new GroupedProducts(team);
    }

    @Override
    public void route(
            Tensor logits,
            Tensor routed,
            boolean normalised,
            Tensor probabilities,
            Tensor logSumExp,
            Tensor experts,
            Tensor weights,
            Tensor places,
            Tensor offsets) {
        checks.route(logits, routed, probabilities, logSumExp, experts, weights, places, offsets);
        routerForward.route(logits, routed, normalised, probabilities, logSumExp, experts, weights, places, offsets);
    }

    @Override
    public void routerSums(Tensor probabilities, Tensor logSumExp, Tensor probabilitySums, Tensor squares) {
        checks.routerSums(probabilities, logSumExp, probabilitySums, squares);
        routerSums.write(probabilities, logSumExp, probabilitySums, squares);
    }

    @Override
    public void routeBackward(
            Tensor weightsGradient,
            Tensor probabilities,
            Tensor logSumExp,
            Tensor experts,
            Tensor weights,
            boolean normalised,
            Tensor probabilityGradient,
            double zScale,
            Tensor logitsGradient) {
        checks.routeBackward(
                weightsGradient,
                probabilities,
                logSumExp,
                experts,
                weights,
                probabilityGradient,
                zScale,
                logitsGradient);
        routerBackward.backward(
                weightsGradient,
                probabilities,
                logSumExp,
                experts,
                weights,
                normalised,
                probabilityGradient,
                zScale,
                logitsGradient);
    }

    @Override
    public void permute(Tensor x, Tensor places, Tensor out) {
        checks.permute(x, places, out);
        int[] permutedRows = checkedPlaces("permute", places);
        int chosen = Host.dimension(places, 1);
        int size = Host.dimension(x, 1);
        HostView source = Host.view(x);
        HostView target = Host.view(out);
        eachRow(x, (n, scratch) -> {
            float[] row = scratch.floats(0, size);
            source.get((long) n * size, row, 0, size);
            for (int choice = n * chosen; choice < (n + 1) * chosen; choice++) {
                if (permutedRows[choice] >= 0) {
                    target.put((long) permutedRows[choice] * size, row, 0, size);
                }
            }
        });
    }

    @Override
    public void permuteBackward(Tensor outGradient, Tensor places, Tensor xGradient) {
        checks.permuteBackward(outGradient, places, xGradient);
        int[] permutedRows = checkedPlaces("permuteBackward", places);
        int chosen = Host.dimension(places, 1);
        int size = Host.dimension(xGradient, 1);
        int stride = VectorMath.padded(size);
        HostView source = Host.view(outGradient);
        HostView target = Host.view(xGradient);
        eachRow(xGradient, (n, scratch) -> {
            float[] sum = scratch.floats(0, stride);
            float[] addend = scratch.floats(1, stride);
            target.get((long) n * size, sum, 0, size);
            for (int choice = n * chosen; choice < (n + 1) * chosen; choice++) {
                if (permutedRows[choice] >= 0) {
                    source.get((long) permutedRows[choice] * size, addend, 0, size);
                    RmsNormKernel.add(sum, addend, size);
                }
            }
            target.put((long) n * size, sum, 0, size);
        });
    }

    @Override
    public void groupedMatmul(
            Tensor left, Tensor right, boolean transposeRight, Tensor offsets, Tensor out, boolean accumulate) {
        checks.groupedMatmul(left, right, transposeRight, offsets, out);
        products.multiply(left, right, transposeRight, offsets, out, accumulate);
    }

    @Override
    public void groupedWeightGradient(Tensor outGradient, Tensor left, Tensor offsets, Tensor weightGradient) {
        checks.groupedWeightGradient(outGradient, left, offsets, weightGradient);
        products.addWeightGradient(outGradient, left, offsets, weightGradient);
    }

    @Override
    public void combine(Tensor expertOut, Tensor places, Tensor weights, Tensor out) {
        checks.combine(expertOut, places, weights, out);
        int[] permutedRows = checkedPlaces("combine", places);
        int chosen = Host.dimension(places, 1);
        int size = Host.dimension(out, 1);
        int stride = VectorMath.padded(size);
        HostView source = Host.view(expertOut);
        HostView target = Host.view(out);
        eachRow(out, (n, scratch) -> {
            float[] sum = scratch.floats(0, stride);
            float[] addend = scratch.floats(1, stride);
            float[] factors = scratch.floats(2, chosen);
            Arrays.fill(sum, 0, size, 0f);
            Host.view(weights).get((long) n * chosen, factors, 0, chosen);
            for (int j = 0; j < chosen; j++) {
                int permutedRow = permutedRows[n * chosen + j];
                if (permutedRow >= 0) {
                    source.get((long) permutedRow * size, addend, 0, size);
                    VectorMath.addScaled(sum, 0, addend, 0, factors[j], size);
                }
            }
            target.put((long) n * size, sum, 0, size);
        });
    }

    @Override
    public void combineBackward(
            Tensor outGradient,
            Tensor expertOut,
            Tensor places,
            Tensor weights,
            Tensor expertOutGradient,
            Tensor weightsGradient) {
        checks.combineBackward(outGradient, expertOut, places, weights, expertOutGradient, weightsGradient);
        int[] permutedRows = checkedPlaces("combineBackward", places);
        int chosen = Host.dimension(places, 1);
        int size = Host.dimension(outGradient, 1);
        int stride = VectorMath.padded(size);
        HostView forward = Host.view(expertOut);
        HostView backward = Host.view(expertOutGradient);
        eachRow(outGradient, (n, scratch) -> {
            float[] dout = scratch.floats(0, stride);
            float[] row = scratch.floats(1, stride);
            float[] factors = scratch.floats(2, chosen);
            RowTiles.load(Host.view(outGradient), n, 1, size, stride, dout);
            Host.view(weights).get((long) n * chosen, factors, 0, chosen);
            for (int j = 0; j < chosen; j++) {
                int permutedRow = permutedRows[n * chosen + j];
                float factor = factors[j];
                factors[j] = 0;
                if (permutedRow >= 0) {
                    RowTiles.load(forward, permutedRow, 1, size, stride, row);
                    factors[j] = GateKernels.dot(dout, 0, row, 0, stride, scratch.lanes());
                    MixtureKernels.scale(dout, factor, row, size);
                    backward.put((long) permutedRow * size, row, 0, size);
                }
            }
            Host.view(weightsGradient).put((long) n * chosen, factors, 0, chosen);
        });
    }

    /** What is done with one row of {@code N}. */
    @FunctionalInterface
    private interface Row {
        void run(int n, Scratch scratch);
    }

    private void eachRow(Tensor rows, Row row) {
        int tileRows = RowTiles.rows(VectorMath.padded(Host.dimension(rows, 1)));
        Rows.run(team, rows.shape().dimension(0), tileRows, (first, count, scratch) -> {
            for (int n = (int) first; n < first + count; n++) {
                row.run(n, scratch);
            }
        });
    }

    /** The places, all of which are permuted rows or -1. They stay until the next call. */
    private int[] checkedPlaces(String operation, Tensor tensor) {
        places = Host.ints(tensor, places);
        for (int choice = 0; choice < tensor.elements(); choice++) {
            MixtureChecks.requirePlace(operation, choice, places[choice], tensor.elements());
        }
        return places;
    }

    long workspaceBytes() {
        return products.workspaceBytes();
    }

    @Override
    public void close() {
        products.close();
    }
}
