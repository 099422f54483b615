package org.sluice.tensor.contract;

/** {@link org.sluice.tensor.Gates} in plain loops. */
final class GateLoops {
    private GateLoops() {}

    static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /** {@code x * sigmoid(logits)}, where each logit serves {@code x.length / logits.length} neighbouring values. */
    static double[] sigmoidGate(double[] x, double[] logits) {
        int spread = x.length / logits.length;
        double[] out = new double[x.length];
        for (int index = 0; index < x.length; index++) {
            out[index] = x[index] * sigmoid(logits[index / spread]);
        }
        return out;
    }

    static double[] sigmoidGateXGradient(double[] outGradient, double[] logits) {
        return sigmoidGate(outGradient, logits);
    }

    static double[] sigmoidGateLogitsGradient(double[] outGradient, double[] out, double[] logits) {
        int spread = out.length / logits.length;
        double[] gradient = new double[logits.length];
        for (int index = 0; index < out.length; index++) {
            gradient[index / spread] += outGradient[index] * out[index] * sigmoid(-logits[index / spread]);
        }
        return gradient;
    }

    static double[] swiGlu(double[] gate, double[] up) {
        double[] out = new double[gate.length];
        for (int index = 0; index < out.length; index++) {
            out[index] = gate[index] * sigmoid(gate[index]) * up[index];
        }
        return out;
    }

    static double[] swiGluGateGradient(double[] outGradient, double[] gate, double[] up) {
        double[] gradient = new double[gate.length];
        for (int index = 0; index < gradient.length; index++) {
            double s = sigmoid(gate[index]);
            gradient[index] = outGradient[index] * up[index] * s * (1 + gate[index] * (1 - s));
        }
        return gradient;
    }

    static double[] swiGluUpGradient(double[] outGradient, double[] gate) {
        double[] gradient = new double[gate.length];
        for (int index = 0; index < gradient.length; index++) {
            gradient[index] = outGradient[index] * gate[index] * sigmoid(gate[index]);
        }
        return gradient;
    }
}
