package org.sluice.backend.nd4j.reference;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;
import static org.sluice.backend.nd4j.reference.ReferenceBackend.array;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.sluice.tensor.Loss;
import org.sluice.tensor.LossChecks;
import org.sluice.tensor.OperationChecks;
import org.sluice.tensor.Tensor;

/** The classifier and its cross-entropy, a chunk of rows at a time. */
final class ReferenceLoss implements Loss {
    private final LossChecks checks;

    ReferenceLoss(OperationChecks checks) {
        this.checks = new LossChecks(checks);
    }

    @Override
    public void classifierLoss(
            Tensor hidden, Tensor weight, Tensor targets, Tensor workspace, Tensor losses, Tensor logSumExp) {
        checks.classifierLoss(hidden, weight, targets, workspace, losses, logSumExp);
        int[] rows = targets("classifierLoss", targets, weight);
        for (int from = 0; from < rows.length; from += chunk(workspace)) {
            int to = Math.min(rows.length, from + chunk(workspace));
            lossesOfChunk(from, to, rows, hidden, weight, workspace, losses, logSumExp);
        }
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
        int[] rows = targets("classifierLossAndGradient", targets, weight);
        for (int from = 0; from < rows.length; from += chunk(workspace)) {
            int to = Math.min(rows.length, from + chunk(workspace));
            INDArray logits = lossesOfChunk(from, to, rows, hidden, weight, workspace, losses, logSumExp);
            INDArray gradient = logitsGradient(logits, from, rows, array(logSumExp), zLossWeight, gradientScale);
            rows(hiddenGradient, from, to).assign(gradient.mmul(array(weight)));
            array(weightGradient).addi(gradient.transpose().mmul(rows(hidden, from, to)));
        }
    }

    /** Writes {@code losses} and {@code logSumExp} of rows {@code from .. to - 1}, and returns their logits. */
    private static INDArray lossesOfChunk(
            int from,
            int to,
            int[] targets,
            Tensor hidden,
            Tensor weight,
            Tensor workspace,
            Tensor losses,
            Tensor logSumExp) {
        INDArray logits = rows(workspace, 0, to - from);
        logits.assign(rows(hidden, from, to).mmul(array(weight).transpose()));
        INDArray largest = logits.max(1);
        INDArray sums = Transforms.exp(logits.subColumnVector(largest.reshape(to - from, 1)))
                .sum(1);
        INDArray totals = Transforms.log(sums).addi(largest);
        for (int n = from; n < to; n++) {
            boolean ignored = targets[n] == IGNORED;
            double total = ignored ? 0 : totals.getDouble(n - from);
            array(logSumExp).putScalar(n, total);
            array(losses).putScalar(n, ignored ? 0 : total - logits.getDouble(n - from, targets[n]));
        }
        return logits;
    }

    /** {@code gradientScale * (p (1 + 2 zLossWeight L) - [v = target])}; 0 in ignored rows. */
    private static INDArray logitsGradient(
            INDArray logits, int from, int[] targets, INDArray logSumExp, double zLossWeight, double gradientScale) {
        int count = logits.rows();
        INDArray total = logSumExp.get(interval(from, from + count)).reshape(count, 1);
        INDArray gradient = Transforms.exp(logits.subColumnVector(total))
                .muliColumnVector(total.mul(2 * zLossWeight).addi(1));
        for (int n = 0; n < count; n++) {
            int target = targets[from + n];
            if (target == IGNORED) {
                gradient.getRow(n).assign(0);
            } else {
                gradient.putScalar(n, target, gradient.getDouble(n, target) - 1);
            }
        }
        return gradient.muli(gradientScale);
    }

    private static int[] targets(String operation, Tensor targets, Tensor weight) {
        int[] rows = array(targets).toIntVector();
        for (int n = 0; n < rows.length; n++) {
            LossChecks.requireTarget(operation, n, rows[n], weight.shape().dimension(0));
        }
        return rows;
    }

    private static int chunk(Tensor workspace) {
        return (int) Math.min(Integer.MAX_VALUE / 2, workspace.shape().dimension(0));
    }

    private static INDArray rows(Tensor tensor, int from, int to) {
        return array(tensor).get(interval(from, to), all());
    }
}
