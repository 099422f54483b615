package org.sluice.backend.nd4j.cpu;

import java.util.Arrays;
import org.sluice.backend.nd4j.cpu.kernel.GateKernels;
import org.sluice.backend.nd4j.cpu.kernel.GateScores;
import org.sluice.backend.nd4j.cpu.kernel.VectorMath;
import org.sluice.tensor.GateCombine;
import org.sluice.tensor.GateFunction;
import org.sluice.tensor.Tensor;

/**
 * Scores of each value's place in its head, the mean over heads, a few positions with all their heads at a time. The floor is memory:
 * 12 bytes an element forward, 20 backward (16 if additive), beside one exponential an element.
 */
record HeadSharedGate(WorkerTeam team) implements Gating {

    @Override
    public void forward(GateFunction function, Tensor x, Tensor logits, Tensor out) {
        GateScores activation = GateScores.of(function.activation());
        int heads = Host.dimension(x, 2);
        int size = Host.dimension(x, 3);
        int stride = VectorMath.padded(size);
        int row = heads * stride;
        int tilePositions = RowTiles.rows(row);
        Rows.run(team, x.elements() / heads / size, tilePositions, (position, count, scratch) -> {
            float[] value = scratch.floats(0, tilePositions * row);
            float[] logit = scratch.floats(1, tilePositions * row);
            float[] score = scratch.floats(2, tilePositions * row);
            float[] mean = scratch.floats(4, stride);
            RowTiles.load(Host.view(x), position * heads, count * heads, size, stride, value);
            RowTiles.load(Host.view(logits), position * heads, count * heads, size, stride, logit);
            activation.scores(logit, score, count * row);
            for (int at = 0; at < count * row; at += row) {
                GateKernels.mean(score, at, heads, stride, mean);
                for (int head = 0; head < heads; head++) {
                    GateKernels.combine(function.combine(), value, at + head * stride, mean, 0, stride);
                }
            }
            RowTiles.store(value, Host.view(out), position * heads, count * heads, size, stride);
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
        int heads = Host.dimension(x, 2);
        int size = Host.dimension(x, 3);
        int stride = VectorMath.padded(size);
        int row = heads * stride;
        int tilePositions = RowTiles.rows(row);
        Rows.run(team, x.elements() / heads / size, tilePositions, (position, count, scratch) -> {
            float[] dout = scratch.floats(0, tilePositions * row);
            float[] value = scratch.floats(1, tilePositions * row);
            float[] logit = scratch.floats(2, tilePositions * row);
            float[] score = scratch.floats(3, tilePositions * row);
            float[] meanScore = scratch.floats(4, stride);
            float[] meanGradient = scratch.floats(5, stride);
            RowTiles.load(Host.view(outGradient), position * heads, count * heads, size, stride, dout);
            RowTiles.load(Host.view(logits), position * heads, count * heads, size, stride, logit);
            activation.scoresAndSlopes(logit, score, count * row);
            if (additive) {
                Arrays.fill(value, 0, count * row, 1f);
                Arrays.fill(score, 0, count * row, 1f);
            } else {
                RowTiles.load(Host.view(x), position * heads, count * heads, size, stride, value);
            }
            GateKernels.multiply(value, 0, dout, 0, count * row);
            for (int at = 0; at < count * row; at += row) {
                GateKernels.mean(score, at, heads, stride, meanScore);
                GateKernels.mean(value, at, heads, stride, meanGradient);
                for (int head = 0; head < heads; head++) {
                    GateKernels.multiply(logit, at + head * stride, meanGradient, 0, stride);
                    GateKernels.multiply(dout, at + head * stride, meanScore, 0, stride);
                }
            }
            RowTiles.store(dout, Host.view(xGradient), position * heads, count * heads, size, stride);
            RowTiles.store(logit, Host.view(logitsGradient), position * heads, count * heads, size, stride);
        });
    }
}
