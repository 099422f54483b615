package org.sluice.backend.nd4j.cpu;

import org.sluice.backend.nd4j.HostView;
import org.sluice.tensor.Gates;
import org.sluice.tensor.OperationChecks;
import org.sluice.tensor.Tensor;

/**
 * Gates, each in one pass. The floor is memory: 12 bytes an element forward, 20 backward (headwise 8 and 12; SwiGLU 12 and 20), beside
 * one exponential an element.
 */
final class CpuGates implements Gates {
    private final WorkerTeam team;
    private final OperationChecks checks;

    CpuGates(WorkerTeam team, OperationChecks checks) {
        this.team = team;
        this.checks = checks;
    }

    @Override
    public void sigmoidGate(Tensor x, Tensor logits, Tensor out) {
        checks.sigmoidGate(x, logits, out);
        if (logits.shape().rank() == 3) {
            headwiseGate(x, logits, out);
            return;
        }
        Tiles.run(team, x.elements(), (start, count, scratch) -> {
            float[] value = scratch.floats(0, Scratch.TILE);
            float[] logit = scratch.floats(1, Scratch.TILE);
            Host.view(x).get(start, value, 0, count);
            Host.view(logits).get(start, logit, 0, count);
            VectorMath.sigmoid(logit, 0, count);
            GateKernels.multiply(value, logit, count);
            Host.view(out).put(start, value, 0, count);
        });
    }

    private void headwiseGate(Tensor x, Tensor logits, Tensor out) {
        int size = Host.dimension(x, 3);
        int stride = VectorMath.padded(size);
        int tileRows = RowTiles.rows(stride);
        Rows.run(team, logits.elements(), tileRows, (row, count, scratch) -> {
            float[] value = scratch.floats(0, tileRows * stride);
            float[] score = scratch.floats(1, VectorMath.padded(tileRows));
            RowTiles.load(Host.view(x), row, count, size, stride, value);
            Host.view(logits).get(row, score, 0, count);
            VectorMath.sigmoid(score, 0, count);
            for (int i = 0; i < count; i++) {
                GateKernels.scale(value, i * stride, stride, score[i]);
            }
            RowTiles.store(value, Host.view(out), row, count, size, stride);
        });
    }

    @Override
    public void sigmoidGateBackward(
            Tensor outGradient, Tensor out, Tensor logits, Tensor xGradient, Tensor logitsGradient, Tensor delta) {
        checks.sigmoidGateBackward(outGradient, out, logits, xGradient, logitsGradient, delta);
        boolean headwise = logits.shape().rank() == 3;
        int size = Host.dimension(out, 3);
        int stride = VectorMath.padded(size);
        HostView logit = Host.view(logits);
        HostView logitGradient = Host.view(logitsGradient);
        HeadRows.run(team, out, Host.view(delta), stride, (row, count, deltas, scratch) -> {
            float[] dout = scratch.floats(0, count * stride);
            float[] output = scratch.floats(1, count * stride);
            float[] score = scratch.floats(2, headwise ? VectorMath.padded(count) : count * stride);
            RowTiles.load(Host.view(outGradient), row, count, size, stride, dout);
            RowTiles.load(Host.view(out), row, count, size, stride, output);
            RowTiles.load(logit, row, count, headwise ? 1 : size, headwise ? 1 : stride, score);
            VectorMath.sigmoid(score, 0, headwise ? count : count * stride);
            for (int i = 0; i < count; i++) {
                int at = i * stride;
                deltas[i] = GateKernels.dot(dout, output, at, stride, scratch.lanes());
                if (headwise) {
                    GateKernels.scale(dout, at, stride, score[i]);
                    score[i] = deltas[i] * (1 - score[i]);
                } else {
                    GateKernels.sigmoidGateBackward(dout, output, score, at, stride);
                }
            }
            RowTiles.store(dout, Host.view(xGradient), row, count, size, stride);
            RowTiles.store(score, logitGradient, row, count, headwise ? 1 : size, headwise ? 1 : stride);
        });
    }

    @Override
    public void swiGlu(Tensor gate, Tensor up, Tensor out) {
        checks.swiGlu(gate, up, out);
        Tiles.run(team, gate.elements(), (start, count, scratch) -> {
            float[] gates = scratch.floats(0, Scratch.TILE);
            float[] scores = scratch.floats(1, Scratch.TILE);
            float[] ups = scratch.floats(2, Scratch.TILE);
            Host.view(gate).get(start, gates, 0, count);
            Host.view(up).get(start, ups, 0, count);
            System.arraycopy(gates, 0, scores, 0, count);
            VectorMath.sigmoid(scores, 0, count);
            GateKernels.swiGlu(gates, scores, ups, count);
            Host.view(out).put(start, gates, 0, count);
        });
    }

    @Override
    public void swiGluBackward(Tensor outGradient, Tensor gate, Tensor up, Tensor gateGradient, Tensor upGradient) {
        checks.swiGluBackward(outGradient, gate, up, gateGradient, upGradient);
        Tiles.run(team, gate.elements(), (start, count, scratch) -> {
            float[] dout = scratch.floats(0, Scratch.TILE);
            float[] gates = scratch.floats(1, Scratch.TILE);
            float[] ups = scratch.floats(2, Scratch.TILE);
            float[] scores = scratch.floats(3, Scratch.TILE);
            Host.view(outGradient).get(start, dout, 0, count);
            Host.view(gate).get(start, gates, 0, count);
            Host.view(up).get(start, ups, 0, count);
            System.arraycopy(gates, 0, scores, 0, count);
            VectorMath.sigmoid(scores, 0, count);
            GateKernels.swiGluBackward(dout, gates, scores, ups, count);
            Host.view(gateGradient).put(start, gates, 0, count);
            Host.view(upGradient).put(start, ups, 0, count);
        });
    }
}
