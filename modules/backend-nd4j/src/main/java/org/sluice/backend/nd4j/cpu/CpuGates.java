package org.sluice.backend.nd4j.cpu;

import org.sluice.backend.nd4j.cpu.kernel.GateKernels;
import org.sluice.backend.nd4j.cpu.kernel.VectorMath;
import org.sluice.tensor.GateChecks;
import org.sluice.tensor.GateFunction;
import org.sluice.tensor.Gates;
import org.sluice.tensor.OperationChecks;
import org.sluice.tensor.Tensor;

/**
 * Gates, each in one pass: see {@link ElementwiseGate}, {@link HeadwiseGate}, {@link HeadSharedGate} and {@link SwitchHeads}. The floor of
 * SwiGLU is memory: 12 bytes an element forward, 20 backward, beside one exponential an element.
 */
final class CpuGates implements Gates {
    private final WorkerTeam team;
    private final GateChecks checks;

    CpuGates(WorkerTeam team, OperationChecks checks) {
        this.team = team;
        this.checks = new GateChecks(checks);
    }

    @Override
    public void gate(GateFunction function, Tensor x, Tensor logits, Tensor out) {
        checks.gate(function, x, logits, out);
        gating(function, logits).forward(function, x, logits, out);
    }

    @Override
    public void gateBackward(
            GateFunction function,
            Tensor outGradient,
            Tensor x,
            Tensor logits,
            Tensor xGradient,
            Tensor logitsGradient) {
        checks.gateBackward(function, outGradient, x, logits, xGradient, logitsGradient);
        gating(function, logits).backward(function, outGradient, x, logits, xGradient, logitsGradient);
    }

    private Gating gating(GateFunction function, Tensor logits) {
        if (function.headShared()) {
            return new HeadSharedGate(team);
        }
        return logits.shape().rank() == 3 ? new HeadwiseGate(team) : new ElementwiseGate(team);
    }

    @Override
    public void switchHeads(Tensor x, Tensor logits, int chosenPerHead, Tensor out) {
        checks.switchHeads(x, logits, chosenPerHead, out);
        SwitchHeads.of(team, logits, chosenPerHead, out).forward(x, logits, out);
    }

    @Override
    public void switchHeadsBackward(
            Tensor outGradient, Tensor x, Tensor logits, int chosenPerHead, Tensor xGradient, Tensor logitsGradient) {
        checks.switchHeadsBackward(outGradient, x, logits, chosenPerHead, xGradient, logitsGradient);
        SwitchHeads.of(team, logits, chosenPerHead, outGradient)
                .backward(outGradient, x, logits, xGradient, logitsGradient);
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
            VectorMath.sigmoid(gates, scores, count);
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
            VectorMath.sigmoid(gates, scores, count);
            GateKernels.swiGluBackward(dout, gates, scores, ups, count);
            Host.view(gateGradient).put(start, gates, 0, count);
            Host.view(upGradient).put(start, ups, 0, count);
        });
    }
}
