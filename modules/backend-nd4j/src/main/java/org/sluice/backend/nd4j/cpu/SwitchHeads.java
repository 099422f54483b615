package org.sluice.backend.nd4j.cpu;

import java.util.Arrays;
import org.sluice.backend.nd4j.cpu.kernel.GateKernels;
import org.sluice.backend.nd4j.cpu.kernel.VectorMath;
import org.sluice.tensor.Tensor;

/**
 * Heads that choose {@code k} of their {@code X} experts. The floor is memory: {@code 4 (k + 1)} bytes for each element of the output
 * forward, {@code 4 (1 + k + X)} backward; experts that are not chosen are not read.
 *
 * @param headDim {@code E}
 * @param stride {@code E} up to whole vectors
 */
record SwitchHeads(WorkerTeam team, long rows, int experts, int chosen, int headDim, int stride) {

    /** @param out {@code [B, T, H, E]}, the output or its gradient */
    static SwitchHeads of(WorkerTeam team, Tensor logits, int chosen, Tensor out) {
        int headDim = Host.dimension(out, 3);
        int experts = Host.dimension(logits, 2) / Host.dimension(out, 2);
        return new SwitchHeads(team, out.elements() / headDim, experts, chosen, headDim, VectorMath.padded(headDim));
    }

    void forward(Tensor x, Tensor logits, Tensor out) {
        int tileRows = RowTiles.rows(stride);
        Rows.run(team, rows, tileRows, (row, count, scratch) -> {
            float[] sum = scratch.floats(0, tileRows * stride);
            float[] value = scratch.floats(1, stride);
            float[] logit = scratch.floats(2, VectorMath.padded(tileRows * experts));
            float[] score = scratch.floats(3, VectorMath.padded(tileRows * experts));
            Host.view(logits).get(row * experts, logit, 0, count * experts);
            VectorMath.sigmoid(logit, score, count * experts);
            Arrays.fill(sum, 0, count * stride, 0f);
            for (int i = 0; i < count * experts; i++) {
                if (isChosen(logit, i)) {
                    RowTiles.load(Host.view(x), row * experts + i, 1, headDim, stride, value);
                    VectorMath.addScaled(sum, i / experts * stride, value, 0, score[i], stride);
                }
            }
            RowTiles.store(sum, Host.view(out), row, count, headDim, stride);
        });
    }

    void backward(Tensor outGradient, Tensor x, Tensor logits, Tensor xGradient, Tensor logitsGradient) {
        int tileRows = RowTiles.rows(experts * stride);
        Rows.run(team, rows, tileRows, (row, count, scratch) -> {
            float[] dout = scratch.floats(0, tileRows * stride);
            float[] value = scratch.floats(1, stride);
            float[] dx = scratch.floats(2, tileRows * experts * stride);
            float[] logit = scratch.floats(3, VectorMath.padded(tileRows * experts));
            float[] score = scratch.floats(4, VectorMath.padded(tileRows * experts));
            float[] gradient = scratch.floats(5, tileRows * experts);
            RowTiles.load(Host.view(outGradient), row, count, headDim, stride, dout);
            Host.view(logits).get(row * experts, logit, 0, count * experts);
            VectorMath.sigmoid(logit, score, count * experts);
            Arrays.fill(dx, 0, count * experts * stride, 0f);
            for (int i = 0; i < count * experts; i++) {
                gradient[i] = 0;
                if (isChosen(logit, i)) {
                    int at = i / experts * stride;
                    RowTiles.load(Host.view(x), row * experts + i, 1, headDim, stride, value);
                    VectorMath.addScaled(dx, i * stride, dout, at, score[i], stride);
                    float dot = GateKernels.dot(dout, at, value, 0, stride, scratch.lanes());
                    gradient[i] = dot * score[i] * (1 - score[i]);
                }
            }
            Host.view(logitsGradient).put(row * experts, gradient, 0, count * experts);
            RowTiles.store(dx, Host.view(xGradient), row * experts, count * experts, headDim, stride);
        });
    }

    /** Whether fewer than {@code k} experts of the same head come before the one at {@code index}. */
    private boolean isChosen(float[] logits, int index) {
        int first = index - index % experts;
        int before = 0;
        for (int other = first; other < first + experts; other++) {
            boolean larger = isLarger(logits[other], logits[index]);
            boolean equal = !larger && !isLarger(logits[index], logits[other]);
            if (larger || (equal && other < index)) {
                before++;
            }
        }
        return before < chosen;
    }

    /** NaN is larger than all else. */
    private static boolean isLarger(float left, float right) {
        return left > right || (Float.isNaN(left) && !Float.isNaN(right));
    }
}
