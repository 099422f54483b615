package org.sluice.backend.nd4j.cpu;

import java.util.Arrays;
import org.sluice.backend.nd4j.HostView;
import org.sluice.backend.nd4j.cpu.MatrixProduct.Matrix;
import org.sluice.backend.nd4j.cpu.kernel.GateKernels;
import org.sluice.backend.nd4j.cpu.kernel.SoftmaxKernel;
import org.sluice.backend.nd4j.cpu.kernel.VectorMath;
import org.sluice.tensor.Loss;
import org.sluice.tensor.LossChecks;
import org.sluice.tensor.OperationChecks;
import org.sluice.tensor.Tensor;

/**
 * Classifier and cross-entropy, a chunk of rows at a time: each core makes the logits of its rows of the chunk, turns them into
 * gradients in one pass over memory and multiplies them back, without waiting for the others; then all add to the weight's gradient.
 * The floor is {@code 6 N D V} operations at the cores' peak ({@code 2 N D V} without gradient) and 8 bytes a logit.
 */
final class CpuLoss implements Loss {
    private final WorkerTeam team;
    private final LossChecks checks;
    private final SharedProducts products;
    private int[] targets = new int[0];

    CpuLoss(WorkerTeam team, OperationChecks checks, SharedProducts products) {
        this.team = team;
        this.checks = new LossChecks(checks);
        this.products = products;
    }

    @Override
    public void classifierLoss(
            Tensor hidden, Tensor weight, Tensor targets, Tensor workspace, Tensor losses, Tensor logSumExp) {
        checks.classifierLoss(hidden, weight, targets, workspace, losses, logSumExp);
        LossRows rows = rows("classifierLoss", hidden, weight, targets, workspace, losses, logSumExp);
        for (long from = 0; from < rows.count(); from += rows.chunk()) {
            long start = from;
            long count = Math.min(rows.chunk(), rows.count() - start);
            int parts = (int) Math.min(team.cores(), count);
            team.run(parts, (part, scratch) -> {
                long first = count * part / parts;
                long size = count * (part + 1) / parts - first;
                rows.logits(start, first, size, scratch);
                rows.losses(start, first, size, scratch);
            });
        }
        Host.keep(hidden, weight, workspace);
    }

    @Override
    public void classifierLossAndGradient(
            Tensor hidden,
            Tensor weight,
            Tensor targets,
            double zLossWeight,
            double gradientScale,
            Tensor workspace,
            Tensor losses,
            Tensor logSumExp,
            Tensor hiddenGradient,
            Tensor weightGradient) {
        checks.classifierLossAndGradient(
                hidden, weight, targets, workspace, losses, logSumExp, hiddenGradient, weightGradient);
        LossRows rows = rows("classifierLossAndGradient", hidden, weight, targets, workspace, losses, logSumExp);
        Matrix hiddenGradients = SharedProducts.matrix(hiddenGradient, rows.count());
        Matrix weightGradients =
                SharedProducts.matrix(weightGradient, rows.weight().rows());
        for (long from = 0; from < rows.count(); from += rows.chunk()) {
            long start = from;
            long count = Math.min(rows.chunk(), rows.count() - start);
            int parts = (int) Math.min(team.cores(), count);
            team.run(parts, (part, scratch) -> {
                long first = count * part / parts;
                long size = count * (part + 1) / parts - first;
                rows.logits(start, first, size, scratch);
                rows.gradients(start, first, size, zLossWeight, gradientScale, scratch);
                scratch.matrixProduct()
                        .run(
                                rows.workspace().rows(first, size),
                                false,
                                rows.weight(),
                                false,
                                hiddenGradients.rows(start + first, size),
                                false);
            });
            products.multiplyTransposed(
                    rows.logits(),
                    rows.workspace().rows(0, count),
                    rows.hidden().rows(start, count),
                    false,
                    Host.view(weightGradient),
                    weightGradients,
                    true);
        }
        Host.keep(hidden, weight, workspace);
        Host.keep(hidden, hiddenGradient, weightGradient);
    }

    private LossRows rows(
            String operation,
            Tensor hidden,
            Tensor weight,
            Tensor targets,
            Tensor workspace,
            Tensor losses,
            Tensor logSumExp) {
        long count = hidden.shape().dimension(0);
        long vocabulary = weight.shape().dimension(0);
        return new LossRows(
                SharedProducts.matrix(hidden, count),
                SharedProducts.matrix(weight, vocabulary),
                SharedProducts.matrix(workspace, workspace.shape().dimension(0)),
                Host.view(workspace),
                checkedTargets(operation, targets, vocabulary),
                Host.view(losses),
                Host.view(logSumExp));
    }

    /** The targets, each of which is a token or ignored. They stay until the next call. */
    private int[] checkedTargets(String operation, Tensor tensor, long vocabulary) {
        targets = Host.ints(tensor, targets);
        for (int n = 0; n < tensor.elements(); n++) {
            LossChecks.requireTarget(operation, n, targets[n], vocabulary);
        }
        return targets;
    }

    /**
     * The rows of a call. In all methods a row is counted from the start of its chunk, which is its place in the workspace.
     *
     * @param logits the memory of the workspace
     */
    private record LossRows(
            Matrix hidden,
            Matrix weight,
            Matrix workspace,
            HostView logits,
            int[] targets,
            HostView losses,
            HostView logSumExp) {

        long count() {
            return hidden.rows();
        }

        long chunk() {
            return workspace.rows();
        }

        /** Never in bfloat16: half a unit in the last of its places is 0.03 at a logit of 10, and 3 % of a probability. */
        void logits(long start, long first, long size, Scratch scratch) {
            scratch.matrixProduct()
                    .exact()
                    .run(hidden.rows(start + first, size), false, weight, true, workspace.rows(first, size), false);
        }

        void losses(long start, long first, long size, Scratch scratch) {
            int vocabulary = Math.toIntExact(weight.rows());
            float[] row = scratch.floats(0, VectorMath.padded(vocabulary));
            float[] rowLosses = scratch.floats(1, (int) size);
            float[] totals = scratch.floats(2, (int) size);
            for (int i = 0; i < size; i++) {
                int target = targets[(int) (start + first + i)];
                if (target == IGNORED) {
                    rowLosses[i] = 0;
                    totals[i] = 0;
                    continue;
                }
                logits.get((first + i) * vocabulary, row, 0, vocabulary);
                double logit = row[target];
                float maximum = SoftmaxKernel.maximum(row, vocabulary, scratch.lanes());
                double total =
                        maximum + Math.log(SoftmaxKernel.exponentials(row, vocabulary, maximum, scratch.lanes()));
                rowLosses[i] = (float) (total - logit);
                totals[i] = (float) total;
            }
            losses.put(start + first, rowLosses, 0, (int) size);
            logSumExp.put(start + first, totals, 0, (int) size);
        }

        /** As {@link #losses}; and the logits become their gradients. */
        void gradients(long start, long first, long size, double zLossWeight, double gradientScale, Scratch scratch) {
            int vocabulary = Math.toIntExact(weight.rows());
            float[] row = scratch.floats(0, VectorMath.padded(vocabulary));
            float[] rowLosses = scratch.floats(1, (int) size);
            float[] totals = scratch.floats(2, (int) size);
            for (int i = 0; i < size; i++) {
                int target = targets[(int) (start + first + i)];
                if (target == IGNORED) {
                    rowLosses[i] = 0;
                    totals[i] = 0;
                    Arrays.fill(row, 0, vocabulary, 0f);
                } else {
                    logits.get((first + i) * vocabulary, row, 0, vocabulary);
                    double logit = row[target];
                    float maximum = SoftmaxKernel.maximum(row, vocabulary, scratch.lanes());
                    double sum = SoftmaxKernel.exponentials(row, vocabulary, maximum, scratch.lanes());
                    double total = maximum + Math.log(sum);
                    rowLosses[i] = (float) (total - logit);
                    totals[i] = (float) total;
                    double factor = gradientScale * (1 + 2 * zLossWeight * total) / sum;
                    GateKernels.scale(row, 0, vocabulary, (float) factor);
                    row[target] -= (float) gradientScale;
                }
                logits.put((first + i) * vocabulary, row, 0, vocabulary);
            }
            losses.put(start + first, rowLosses, 0, (int) size);
            logSumExp.put(start + first, totals, 0, (int) size);
        }
    }
}
