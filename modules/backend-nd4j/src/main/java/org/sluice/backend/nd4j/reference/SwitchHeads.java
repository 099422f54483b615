package org.sluice.backend.nd4j.reference;

import static org.sluice.backend.nd4j.reference.ReferenceBackend.array;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.sluice.tensor.Tensor;

/**
 * Heads that choose {@code k} of their {@code X} experts: all are weighted, and the chosen ones copied or added.
 *
 * @param x the experts, {@code [B T H X, E]}
 * @param logits {@code [B T H, X]}
 * @param chosen {@code k}
 */
record SwitchHeads(INDArray x, INDArray logits, int chosen) {

    /** @param out {@code [B, T, H, E]}, the output or its gradient */
    static SwitchHeads of(Tensor x, Tensor logits, int chosen, Tensor out) {
        long headDim = out.shape().dimension(3);
        long rows = out.elements() / headDim;
        return new SwitchHeads(
                array(x).reshape(-1, headDim), array(logits).reshape(rows, logits.elements() / rows), chosen);
    }

    void forward(INDArray out) {
        INDArray sums = out.reshape(logits.rows(), x.columns()).assign(0);
        INDArray weighted = x.mulColumnVector(column(Transforms.sigmoid(logits)));
        eachChosen((row, source) -> sums.getRow(row).addi(weighted.getRow(source)));
    }

    void backward(INDArray outGradient, INDArray xGradient, INDArray logitsGradient) {
        INDArray dx = xGradient.reshape(x.shape()).assign(0);
        INDArray dlogits = column(logitsGradient).assign(0);
        INDArray scores = column(Transforms.sigmoid(logits));
        INDArray slopes = column(Transforms.sigmoid(logits.neg())).muli(scores);
        INDArray dout = outGradient.reshape(logits.rows(), x.columns()).repeat(0, logits.columns());
        INDArray weighted = dout.mulColumnVector(scores);
        INDArray dots = column(dout.mul(x).sum(1)).muli(slopes);
        eachChosen((row, source) -> {
            dx.getRow(source).assign(weighted.getRow(source));
            dlogits.getRow(source).assign(dots.getRow(source));
        });
    }

    private static INDArray column(INDArray array) {
        return array.reshape(array.length(), 1);
    }

    /** What to do with an expert that a row chose; {@code source} is its row in {@code x}. */
    private interface ChosenExpert {
        void visit(int row, long source);
    }

    private void eachChosen(ChosenExpert visitor) {
        double[][] values = logits.toDoubleMatrix();
        for (int row = 0; row < values.length; row++) {
            for (int expert = 0; expert < values[row].length; expert++) {
                if (isChosen(values[row], expert)) {
                    visitor.visit(row, (long) row * values[row].length + expert);
                }
            }
        }
    }

    /** Whether fewer than {@code k} logits are larger, or as large and stand before it; NaN is the largest. */
    private boolean isChosen(double[] values, int expert) {
        int before = 0;
        for (int other = 0; other < values.length; other++) {
            // The sum makes 0 of -0, which the comparison would tell apart.
            int comparison = Double.compare(values[other] + 0.0, values[expert] + 0.0);
            if (comparison > 0 || (comparison == 0 && other < expert)) {
                before++;
            }
        }
        return before < chosen;
    }
}
