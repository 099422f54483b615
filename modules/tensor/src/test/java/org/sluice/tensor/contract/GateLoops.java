package org.sluice.tensor.contract;

import org.sluice.tensor.GateActivation;
import org.sluice.tensor.GateCombine;
import org.sluice.tensor.GateFunction;

/**
 * {@link org.sluice.tensor.Gates#gate} in plain loops.
 *
 * @param positions {@code B * T}
 * @param headwise whether each head has one logit rather than {@code E}
 */
record GateLoops(GateFunction function, int positions, int heads, int headDim, boolean headwise) {

    static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    static double score(GateActivation activation, double z) {
        return switch (activation) {
            case SIGMOID -> sigmoid(z);
            case SILU -> z * sigmoid(z);
            case IDENTITY -> z;
            case NS_SIGMOID -> 0.5 + 0.5 * sigmoid(z);
            case DOUBLE_SIGMOID -> 2 * sigmoid(z);
        };
    }

    static double slope(GateActivation activation, double z) {
        double sigmoidSlope = sigmoid(z) * sigmoid(-z);
        return switch (activation) {
            case SIGMOID -> sigmoidSlope;
            case SILU -> sigmoid(z) + z * sigmoidSlope;
            case IDENTITY -> 1;
            case NS_SIGMOID -> 0.5 * sigmoidSlope;
            case DOUBLE_SIGMOID -> 2 * sigmoidSlope;
        };
    }

    int elements() {
        return positions * heads * headDim;
    }

    int logits() {
        return headwise ? positions * heads : elements();
    }

    private boolean multiplicative() {
        return function.combine() == GateCombine.MULTIPLICATIVE;
    }

    private int elementAt(int position, int head, int e) {
        return (position * heads + head) * headDim + e;
    }

    private int logitAt(int position, int head, int e) {
        return headwise ? position * heads + head : elementAt(position, head, e);
    }

    /** What gates one value. */
    private double score(double[] logits, int position, int head, int e) {
        if (!function.headShared()) {
            return score(function.activation(), logits[logitAt(position, head, e)]);
        }
        double sum = 0;
        for (int other = 0; other < heads; other++) {
            sum += score(function.activation(), logits[logitAt(position, other, e)]);
        }
        return sum / heads;
    }

    /** What to do with one value. */
    private interface ValueVisitor {
        void visit(int position, int head, int e);
    }

    private void values(ValueVisitor visitor) {
        for (int position = 0; position < positions; position++) {
            for (int head = 0; head < heads; head++) {
                for (int e = 0; e < headDim; e++) {
                    visitor.visit(position, head, e);
                }
            }
        }
    }

    double[] gate(double[] x, double[] logits) {
        double[] out = new double[x.length];
        values((position, head, e) -> {
            int at = elementAt(position, head, e);
            double score = score(logits, position, head, e);
            out[at] = multiplicative() ? x[at] * score : x[at] + score;
        });
        return out;
    }

    double[] xGradient(double[] outGradient, double[] logits) {
        double[] gradient = new double[outGradient.length];
        values((position, head, e) -> {
            int at = elementAt(position, head, e);
            gradient[at] = multiplicative() ? outGradient[at] * score(logits, position, head, e) : outGradient[at];
        });
        return gradient;
    }

    double[] logitsGradient(double[] outGradient, double[] x, double[] logits) {
        double[] gradient = new double[logits.length];
        values((position, head, e) -> {
            int at = elementAt(position, head, e);
            double scoreGradient = multiplicative() ? outGradient[at] * x[at] : outGradient[at];
            int first = function.headShared() ? 0 : head;
            int last = function.headShared() ? heads - 1 : head;
            for (int source = first; source <= last; source++) {
                int logit = logitAt(position, source, e);
                double share = function.headShared() ? 1.0 / heads : 1;
                gradient[logit] += share * scoreGradient * slope(function.activation(), logits[logit]);
            }
        });
        return gradient;
    }
}
