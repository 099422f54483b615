package org.sluice.backend.nd4j.cpu;

import java.util.Arrays;
import org.sluice.backend.nd4j.cpu.kernel.GateKernels;
import org.sluice.backend.nd4j.cpu.kernel.GateScores;
import org.sluice.backend.nd4j.cpu.kernel.VectorMath;
import org.sluice.tensor.GateCombine;
import org.sluice.tensor.GateFunction;
import org.sluice.tensor.Tensor;

/** A score for each head. The floor is memory: 8 bytes an element forward, 12 backward (8 if additive). */
record HeadwiseGate(WorkerTeam team) implements Gating {

    @Override
    public void forward(GateFunction function, Tensor x, Tensor logits, Tensor out) {
        GateScores activation = GateScores.of(function.activation());
        boolean additive = function.combine() == GateCombine.ADDITIVE;
        int size = Host.dimension(x, 3);
        int stride = VectorMath.padded(size);
        int tileRows = RowTiles.rows(stride);
        Rows.run(team, logits.elements(), tileRows, (row, count, scratch) -> {
            float[] value = scratch.floats(0, tileRows * stride);
            float[] logit = scratch.floats(1, VectorMath.padded(tileRows));
            float[] score = scratch.floats(2, VectorMath.padded(tileRows));
            RowTiles.load(Host.view(x), row, count, size, stride, value);
            Host.view(logits).get(row, logit, 0, count);
            activation.scores(logit, score, count);
            for (int i = 0; i < count; i++) {
                if (additive) {
                    GateKernels.add(value, i * stride, stride, score[i]);
                } else {
                    GateKernels.scale(value, i * stride, stride, score[i]);
                }
            }
            RowTiles.store(value, Host.view(out), row, count, size, stride);
        });
    }

    @Override
    public void backward(
            GateFunction function,
            Tensor outGradient,
            Tensor x,
            Tensor logits,
            Tensor xGradient,
            Tensor logitsGradient) {
        GateScores activation = GateScores.of(function.activation());
        boolean additive = function.combine() == GateCombine.ADDITIVE;
        int size = Host.dimension(x, 3);
        int stride = VectorMath.padded(size);
        int tileRows = RowTiles.rows(stride);
        Rows.run(team, logits.elements(), tileRows, (row, count, scratch) -> {
            float[] dout = scratch.floats(0, tileRows * stride);
            float[] value = scratch.floats(1, tileRows * stride);
            float[] logit = scratch.floats(2, VectorMath.padded(tileRows));
            float[] score = scratch.floats(3, VectorMath.padded(tileRows));
            RowTiles.load(Host.view(outGradient), row, count, size, stride, dout);
            Host.view(logits).get(row, logit, 0, count);
            activation.scoresAndSlopes(logit, score, count);
            if (additive) {
                Arrays.fill(value, 0, count * stride, 1f);
                Arrays.fill(score, 0, count, 1f);
            } else {
                RowTiles.load(Host.view(x), row, count, size, stride, value);
            }
            for (int i = 0; i < count; i++) {
                int at = i * stride;
                logit[i] *= GateKernels.dot(dout, at, value, at, stride, scratch.lanes());
                GateKernels.scale(dout, at, stride, score[i]);
            }
            RowTiles.store(dout, Host.view(xGradient), row, count, size, stride);
            Host.view(logitsGradient).put(row, logit, 0, count);
        });
    }
}
