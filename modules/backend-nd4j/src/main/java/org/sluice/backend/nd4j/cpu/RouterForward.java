package org.sluice.backend.nd4j.cpu;

import java.util.Arrays;
import org.sluice.backend.nd4j.cpu.kernel.GateKernels;
import org.sluice.backend.nd4j.cpu.kernel.MixtureKernels;
import org.sluice.backend.nd4j.cpu.kernel.SoftmaxKernel;
import org.sluice.backend.nd4j.cpu.kernel.VectorMath;
import org.sluice.tensor.MixtureChecks;
import org.sluice.tensor.Tensor;

/**
 * The router of a mixture: softmax and choice row by row on all cores, then one thread gives all choices their places, in two passes
 * over {@code N k} integers. The floor is memory, 8 bytes a logit, beside one exponential a logit.
 */
final class RouterForward {
    private final WorkerTeam team;
    private int[] routed = new int[0];
    private int[] experts = new int[0];
    private int[] places = new int[0];
    private int[] offsets = new int[0];

    RouterForward(WorkerTeam team) {
        this.team = team;
    }

    /** For {@link org.sluice.tensor.Mixture#route}. */
    void route(
            Tensor logits,
            Tensor routedRows,
            boolean normalised,
            Tensor probabilities,
            Tensor logSumExp,
            Tensor chosenExperts,
            Tensor weights,
            Tensor chosenPlaces,
            Tensor expertOffsets) {
        readRouted(routedRows);
        int expertCount = Host.dimension(logits, 1);
        int chosen = Host.dimension(chosenExperts, 1);
        int rows = Host.dimension(logits, 0);
        int stride = VectorMath.padded(expertCount);
        int tileRows = RouterRows.ofTile(stride);
        experts = Host.atLeast(experts, rows * chosen);
        Rows.run(team, rows, tileRows, (first, count, scratch) -> {
            float[] tile = scratch.floats(0, tileRows * stride);
            float[] totals = scratch.floats(1, tileRows);
            float[] tileWeights = scratch.floats(2, tileRows * chosen);
            RowTiles.load(Host.view(logits), first, count, expertCount, stride, tile);
            for (int i = 0; i < count; i++) {
                int at = i * stride;
                int choice = (int) (first + i) * chosen;
                if (routed[(int) first + i] == 0) {
                    Arrays.fill(tile, at, at + expertCount, 0f);
                    Arrays.fill(tileWeights, i * chosen, (i + 1) * chosen, 0f);
                    Arrays.fill(experts, choice, choice + chosen, -1);
                    totals[i] = 0;
                } else {
                    float[] best = scratch.floats(3, chosen);
                    MixtureKernels.choose(tile, at, expertCount, chosen, best, experts, choice);
                    totals[i] = softmax(tile, at, expertCount, scratch);
                    weigh(tile, at, experts, choice, chosen, normalised, tileWeights, i * chosen);
                }
            }
            RowTiles.store(tile, Host.view(probabilities), first, count, expertCount, stride);
            Host.view(logSumExp).put(first, totals, 0, count);
            Host.view(weights).put(first * chosen, tileWeights, 0, count * chosen);
        });
        place(rows * chosen, expertCount);
        Host.view(chosenExperts).put(0, experts, 0, rows * chosen);
        Host.view(chosenPlaces).put(0, places, 0, rows * chosen);
        Host.view(expertOffsets).put(0, offsets, 0, expertCount + 1);
    }

    private void readRouted(Tensor routedRows) {
        routed = Host.ints(routedRows, routed);
        for (int n = 0; n < routedRows.elements(); n++) {
            MixtureChecks.requireRouted("route", n, routed[n]);
        }
    }

    /** The row at {@code at} becomes its softmax; returns the logarithm of the sum of its exponentials. */
    private static float softmax(float[] tile, int at, int count, Scratch scratch) {
        float[] row = scratch.floats(4, VectorMath.padded(count));
        System.arraycopy(tile, at, row, 0, count);
        float maximum = SoftmaxKernel.maximum(row, count, scratch.lanes());
        double sum = SoftmaxKernel.exponentials(row, count, maximum, scratch.lanes());
        GateKernels.scale(row, 0, count, (float) (1 / sum));
        System.arraycopy(row, 0, tile, at, count);
        return (float) (maximum + Math.log(sum));
    }

    private static void weigh(
            float[] probabilities,
            int at,
            int[] experts,
            int choice,
            int chosen,
            boolean normalised,
            float[] weights,
            int weightsAt) {
        double sum = normalised ? MixtureKernels.chosenProbability(probabilities, at, experts, choice, chosen) : 1;
        for (int j = 0; j < chosen; j++) {
            weights[weightsAt + j] = (float) (probabilities[at + experts[choice + j]] / sum);
        }
    }

    /** Counts the choices of each expert, and gives each choice the next place of its expert. */
    private void place(int choices, int expertCount) {
        offsets = Host.atLeast(offsets, expertCount + 2);
        places = Host.atLeast(places, choices);
        Arrays.fill(offsets, 0, expertCount + 2, 0);
        for (int choice = 0; choice < choices; choice++) {
            // A choice of -1 counts at index 1, so that expert x has its count at x + 2, and its first place at x + 1.
            offsets[experts[choice] + 2]++;
        }
        offsets[1] = 0;
        for (int x = 0; x < expertCount; x++) {
            offsets[x + 2] += offsets[x + 1];
        }
        for (int choice = 0; choice < choices; choice++) {
            int expert = experts[choice];
            places[choice] = expert < 0 ? -1 : offsets[expert + 1]++;
        }
        // Now the place behind the last of expert x stands at x + 1: the first of the next.
    }
}
