package org.sluice.backend.nd4j.reference;

import static org.sluice.backend.nd4j.reference.ReferenceBackend.array;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.sluice.tensor.GateActivation;
import org.sluice.tensor.GateChecks;
import org.sluice.tensor.GateCombine;
import org.sluice.tensor.GateFunction;
import org.sluice.tensor.Gates;
import org.sluice.tensor.OperationChecks;
import org.sluice.tensor.Tensor;

/** Gates and SwiGLU. Beside {@code sigmoid(x)}, {@code 1 - sigmoid(x)} is {@code sigmoid(-x)}, which keeps its digits. */
final class ReferenceGates implements Gates {
    private final GateChecks checks;

    ReferenceGates(OperationChecks checks) {
        this.checks = new GateChecks(checks);
    }

    @Override
    public void gate(GateFunction function, Tensor x, Tensor logits, Tensor out) {
        checks.gate(function, x, logits, out);
        INDArray scores = scores(function, spread(logits));
        boolean multiplicative = function.combine() == GateCombine.MULTIPLICATIVE;
        array(out).assign(multiplicative ? array(x).mul(scores) : array(x).add(scores));
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
        boolean multiplicative = function.combine() == GateCombine.MULTIPLICATIVE;
        INDArray scoreGradient = multiplicative ? array(outGradient).mul(array(x)) : array(outGradient);
        if (logits.shape().rank() == 3) {
            scoreGradient = scoreGradient.sum(true, 3);
        }
        if (function.headShared()) {
            scoreGradient = scoreGradient.mean(true, 2);
        }
        INDArray z = spread(logits);
        INDArray dx = multiplicative ? array(outGradient).mul(scores(function, z)) : array(outGradient);
        INDArray dlogits = slopes(function.activation(), z).mul(scoreGradient);
        array(xGradient).assign(dx);
        array(logitsGradient).assign(dlogits.reshape(array(logits).shape()));
    }

    /** What the values meet: {@code [B, T, H, E]}, {@code [B, T, H, 1]} headwise, {@code [B, T, 1, E]} where heads share it. */
    private static INDArray scores(GateFunction function, INDArray z) {
        GateActivation activation = function.activation();
        INDArray scores = z.mul(activation.product())
                .addi(activation.scale())
                .muli(Transforms.sigmoid(z))
                .addi(z.mul(activation.linear()))
                .addi(activation.constant());
        return function.headShared() ? scores.mean(true, 2) : scores;
    }

    private static INDArray slopes(GateActivation activation, INDArray z) {
        INDArray s = Transforms.sigmoid(z);
        return z.mul(activation.product())
                .addi(activation.scale())
                .muli(s)
                .muli(Transforms.sigmoid(z.neg()))
                .addi(s.mul(activation.product()))
                .addi(activation.linear());
    }

    /** The logits as {@code [B, T, H, E]}, or as {@code [B, T, H, 1]}, which arithmetic spreads over {@code E}. */
    private static INDArray spread(Tensor logits) {
        INDArray array = array(logits);
        return array.rank() == 4 ? array : array.reshape(array.size(0), array.size(1), array.size(2), 1);
    }

    @Override
    public void switchHeads(Tensor x, Tensor logits, int chosenPerHead, Tensor out) {
        checks.switchHeads(x, logits, chosenPerHead, out);
        SwitchHeads.of(x, logits, chosenPerHead, out).forward(array(out));
    }

    @Override
    public void switchHeadsBackward(
            Tensor outGradient, Tensor x, Tensor logits, int chosenPerHead, Tensor xGradient, Tensor logitsGradient) {
        checks.switchHeadsBackward(outGradient, x, logits, chosenPerHead, xGradient, logitsGradient);
        SwitchHeads.of(x, logits, chosenPerHead, outGradient)
                .backward(array(outGradient), array(xGradient), array(logitsGradient));
    }

    @Override
    public void swiGlu(Tensor gate, Tensor up, Tensor out) {
        checks.swiGlu(gate, up, out);
        INDArray g = array(gate);
        array(out).assign(g.mul(Transforms.sigmoid(g)).muli(array(up)));
    }

    @Override
    public void swiGluBackward(Tensor outGradient, Tensor gate, Tensor up, Tensor gateGradient, Tensor upGradient) {
        checks.swiGluBackward(outGradient, gate, up, gateGradient, upGradient);
        INDArray g = array(gate);
        INDArray s = Transforms.sigmoid(g);
        INDArray slope = Transforms.sigmoid(g.neg()).muli(g).addi(1).muli(s);
        INDArray dgate = slope.muli(array(outGradient)).muli(array(up));
        INDArray dup = g.mul(s).muli(array(outGradient));
        array(gateGradient).assign(dgate);
        array(upGradient).assign(dup);
    }
}
