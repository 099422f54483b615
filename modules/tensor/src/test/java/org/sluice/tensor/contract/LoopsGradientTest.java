package org.sluice.tensor.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.sluice.tensor.DType;
import org.sluice.tensor.GateActivation;
import org.sluice.tensor.GateCombine;
import org.sluice.tensor.GateFunction;

/** Holds the backward loops, which the contract trusts, against central differences of the forward loops. */
class LoopsGradientTest {
    private static final double STEP = 1e-5;
    private static final double EPSILON = 1e-6;

    @Test
    void matmul() {
        RandomCases random = RandomCases.of("LoopsGradientTest.matmul");
        double[] left = normal(random, 3 * 4);
        double[] right = normal(random, 4 * 5);
        double[] outGradient = normal(random, 3 * 5);
        check(
                random,
                left,
                x -> dot(outGradient, LinearAlgebraLoops.matmul(x, false, right, false, 3, 4, 5)),
                LinearAlgebraLoops.matmul(outGradient, false, right, true, 3, 5, 4));
        check(
                random,
                right,
                x -> dot(outGradient, LinearAlgebraLoops.matmul(left, false, x, false, 3, 4, 5)),
                LinearAlgebraLoops.matmul(left, true, outGradient, false, 4, 3, 5));
    }

    @Test
    void embed() {
        RandomCases random = RandomCases.of("LoopsGradientTest.embed");
        double[] table = normal(random, 4 * 3);
        int[] tokens = {1, 3, 1, 0, 1};
        double[] outGradient = normal(random, 5 * 3);
        double[] gradient = new double[table.length];
        LinearAlgebraLoops.embedBackward(outGradient, tokens, 3, gradient);
        check(random, table, x -> dot(outGradient, LinearAlgebraLoops.embed(x, tokens, 3)), gradient);
    }

    @Test
    void rmsNorm() {
        RandomCases random = RandomCases.of("LoopsGradientTest.rmsNorm");
        double[] x = normal(random, 3 * 7);
        double[] weight = normal(random, 7);
        double[] outGradient = normal(random, 3 * 7);
        double[] weightGradient = new double[7];
        double[] xGradient = NormalisationLoops.rmsNormBackward(outGradient, x, weight, EPSILON, weightGradient);
        check(random, x, y -> dot(outGradient, NormalisationLoops.rmsNorm(y, weight, EPSILON)), xGradient);
        check(random, weight, w -> dot(outGradient, NormalisationLoops.rmsNorm(x, w, EPSILON)), weightGradient);
    }

    @Test
    void rotation() {
        RandomCases random = RandomCases.of("LoopsGradientTest.rotation");
        double[] x = normal(random, 2 * 3 * 2 * 6);
        double[] cosine = normal(random, 3 * 3);
        double[] sine = normal(random, 3 * 3);
        double[] outGradient = normal(random, x.length);
        check(
                random,
                x,
                y -> dot(outGradient, NormalisationLoops.rotate(y, cosine, sine, 3, 2, 6, 1)),
                NormalisationLoops.rotate(outGradient, cosine, sine, 3, 2, 6, -1));
    }

    @Test
    void attention() {
        RandomCases random = RandomCases.of("LoopsGradientTest.attention");
        AttentionLoops loops = new AttentionLoops(2, 5, 4, 2, 3, 0.6, random.firstVisible(2, 5));
        double[] query = normal(random, 2 * 5 * 4 * 3);
        double[] key = normal(random, 2 * 5 * 2 * 3);
        double[] value = normal(random, 2 * 5 * 2 * 3);
        double[] outGradient = normal(random, query.length);
        double[] delta = loops.outputDot(outGradient, loops.forward(query, key, value));
        AttentionLoops.Gradients gradients = loops.backward(outGradient, delta, query, key, value);
        check(random, query, x -> dot(outGradient, loops.forward(x, key, value)), gradients.query());
        check(random, key, x -> dot(outGradient, loops.forward(query, x, value)), gradients.key());
        check(random, value, x -> dot(outGradient, loops.forward(query, key, x)), gradients.value());
    }

    @Test
    void clip() {
        RandomCases random = RandomCases.of("LoopsGradientTest.clip");
        double[] x = {-3, -1.5, -0.99, 0, 0.4, 0.99, 1.01, 7};
        double[] outGradient = normal(random, x.length);
        check(
                random,
                x,
                y -> dot(outGradient, NormalisationLoops.clip(y, 1)),
                NormalisationLoops.clipBackward(NormalisationLoops.clip(x, 1), 1, outGradient));
    }

    @Test
    void everyGate() {
        for (GateActivation activation : GateActivation.values()) {
            for (GateCombine combine : GateCombine.values()) {
                gate(new GateLoops(new GateFunction(activation, combine, false), 4, 2, 3, false));
                gate(new GateLoops(new GateFunction(activation, combine, false), 4, 2, 3, true));
                gate(new GateLoops(new GateFunction(activation, combine, true), 4, 2, 3, false));
            }
        }
    }

    private static void gate(GateLoops loops) {
        RandomCases random = RandomCases.of("LoopsGradientTest.gate " + loops);
        double[] x = normal(random, loops.elements());
        double[] logits = normal(random, loops.logits());
        double[] outGradient = normal(random, loops.elements());
        check(random, x, y -> dot(outGradient, loops.gate(y, logits)), loops.xGradient(outGradient, logits));
        check(random, logits, z -> dot(outGradient, loops.gate(x, z)), loops.logitsGradient(outGradient, x, logits));
    }

    @Test
    void switchHeads() {
        for (int chosen = 1; chosen <= 4; chosen++) {
            RandomCases random = RandomCases.of("LoopsGradientTest.switchHeads " + chosen);
            SwitchHeadLoops loops = new SwitchHeadLoops(5, 4, chosen, 3);
            double[] x = normal(random, 5 * 4 * 3);
            double[] logits = normal(random, 5 * 4);
            double[] outGradient = normal(random, 5 * 3);
            check(random, x, y -> dot(outGradient, loops.forward(y, logits)), loops.xGradient(outGradient, logits));
            check(
                    random,
                    logits,
                    z -> dot(outGradient, loops.forward(x, z)),
                    loops.logitsGradient(outGradient, x, logits));
        }
    }

    @Test
    void swiGlu() {
        RandomCases random = RandomCases.of("LoopsGradientTest.swiGlu");
        double[] gate = normal(random, 15);
        double[] up = normal(random, 15);
        double[] outGradient = normal(random, 15);
        check(
                random,
                gate,
                x -> dot(outGradient, SwiGluLoops.forward(x, up)),
                SwiGluLoops.gateGradient(outGradient, gate, up));
        check(
                random,
                up,
                x -> dot(outGradient, SwiGluLoops.forward(gate, x)),
                SwiGluLoops.upGradient(outGradient, gate));
    }

    @Test
    void classifierLossWithZLoss() {
        RandomCases random = RandomCases.of("LoopsGradientTest.classifierLossWithZLoss");
        double[] logits = normal(random, 4 * 6);
        int[] targets = {2, -1, 5, 0};
        double[] gradient = LossLoops.logitsGradient(logits, targets, 0.1, 0.5);
        check(
                random,
                logits,
                z -> {
                    double[] losses = LossLoops.losses(z, targets);
                    double[] logSumExp = LossLoops.logSumExp(z, targets);
                    double sum = 0;
                    for (int n = 0; n < targets.length; n++) {
                        sum += 0.5 * (losses[n] + 0.1 * logSumExp[n] * logSumExp[n]);
                    }
                    return sum;
                },
                gradient);
    }

    static double[] normal(RandomCases random, int count) {
        return random.normal(DType.FLOAT64, count, 1);
    }

    static double dot(double[] left, double[] right) {
        double sum = 0;
        for (int index = 0; index < left.length; index++) {
            sum += left[index] * right[index];
        }
        return sum;
    }

    static void check(RandomCases random, double[] at, ToDoubleFunction<double[]> function, double[] gradient) {
        for (int index = 0; index < at.length; index++) {
            double[] above = at.clone();
            double[] below = at.clone();
            above[index] += STEP;
            below[index] -= STEP;
            double difference = (function.applyAsDouble(above) - function.applyAsDouble(below)) / (2 * STEP);
            assertThat(gradient[index])
                    .as("gradient of element %d, %s", index, random.description())
                    .isCloseTo(difference, within(1e-7 * (1 + Math.abs(difference))));
        }
    }
}
