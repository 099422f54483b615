package org.sluice.backend.nd4j.reference;

import static org.sluice.backend.nd4j.reference.ReferenceBackend.array;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.sluice.tensor.Gates;
import org.sluice.tensor.OperationChecks;
import org.sluice.tensor.Tensor;

/** Sigmoid gates and SwiGLU. Beside {@code sigmoid(x)}, {@code 1 - sigmoid(x)} is {@code sigmoid(-x)}, which keeps its digits. */
final class ReferenceGates implements Gates {
    private final OperationChecks checks;

    ReferenceGates(OperationChecks checks) {
        this.checks = checks;
    }

    @Override
    public void sigmoidGate(Tensor x, Tensor logits, Tensor out) {
        checks.sigmoidGate(x, logits, out);
        array(out).assign(array(x).mul(Transforms.sigmoid(spread(logits))));
    }

    @Override
    public void sigmoidGateBackward(
            Tensor outGradient, Tensor out, Tensor logits, Tensor xGradient, Tensor logitsGradient, Tensor delta) {
        checks.sigmoidGateBackward(outGradient, out, logits, xGradient, logitsGradient, delta);
        INDArray product = array(outGradient).mul(array(out));
        INDArray gradient = product.mul(Transforms.sigmoid(spread(logits).neg()));
        boolean headwise = logits.shape().rank() == 3;
        array(logitsGradient).assign(headwise ? gradient.sum(3) : gradient);
        array(delta).assign(product.sum(3).permute(0, 2, 1));
        array(xGradient).assign(array(outGradient).mul(Transforms.sigmoid(spread(logits))));
    }

    /** The logits as {@code [B, T, H, E]}, or as {@code [B, T, H, 1]}, which arithmetic spreads over {@code E}. */
    private static INDArray spread(Tensor logits) {
        INDArray array = array(logits);
        return array.rank() == 4 ? array : array.reshape(array.size(0), array.size(1), array.size(2), 1);
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
