package org.sluice.tensor.contract;

import static org.sluice.tensor.contract.GateLoops.sigmoid;

/** {@link org.sluice.tensor.Gates#swiGlu} in plain loops. */
final class SwiGluLoops {
    private SwiGluLoops() {}

    static double[] forward(double[] gate, double[] up) {
        double[] out = new double[gate.length];
        for (int index = 0; index < out.length; index++) {
            out[index] = gate[index] * sigmoid(gate[index]) * up[index];
        }
        return out;
    }

    static double[] gateGradient(double[] outGradient, double[] gate, double[] up) {
        double[] gradient = new double[gate.length];
        for (int index = 0; index < gradient.length; index++) {
            double s = sigmoid(gate[index]);
            gradient[index] = outGradient[index] * up[index] * s * (1 + gate[index] * (1 - s));
        }
        return gradient;
    }

    static double[] upGradient(double[] outGradient, double[] gate) {
        double[] gradient = new double[gate.length];
        for (int index = 0; index < gradient.length; index++) {
            gradient[index] = outGradient[index] * gate[index] * sigmoid(gate[index]);
        }
        return gradient;
    }
}
