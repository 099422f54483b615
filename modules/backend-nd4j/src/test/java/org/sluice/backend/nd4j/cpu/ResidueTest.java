package org.sluice.backend.nd4j.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.sluice.tensor.Arena;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;
import org.sluice.tensor.DType;
import org.sluice.tensor.GateActivation;
import org.sluice.tensor.GateCombine;
import org.sluice.tensor.GateFunction;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/**
 * Kernels work on scratch memory that outlives an operation. What one operation leaves there, a NaN above all, must not reach the result
 * of the next: a replica that failed would poison the one after it.
 */
class ResidueTest {
    private static final int SEQUENCES = 2;
    private static final int TIME = 13;
    private static final int ROWS = SEQUENCES * TIME;
    private static final int HIDDEN = 19;
    private static final int HEADS = 2;
    private static final int HEAD_DIM = 6;
    private static final int EXPERTS = 3;
    private static final int CHOSEN = 2;
    private static final int FFN = 21;
    private static final int VOCABULARY = 33;
    private static final double EPSILON = 1e-6;

    @Test
    void anOperationOnNotANumberLeavesNothingBehind() {
        try (Backend backend = Backends.open("cpu", 2)) {
            for (int round = 0; round < 3; round++) {
                run(backend, true);
                Map<String, List<double[]>> results = run(backend, false);
                results.forEach((operation, outputs) -> outputs.forEach(values -> assertThat(
                                Arrays.stream(values).filter(Double::isNaN).count())
                        .as("NaNs in the result of %s", operation)
                        .isZero()));
            }
        }
    }

    private static Map<String, List<double[]>> run(Backend backend, boolean poisoned) {
        try (Arena arena = backend.newArena("residue")) {
            Operations operations = new Operations(backend, arena, poisoned);
            operations.normalisation();
            operations.attention();
            operations.clip();
            operations.gates();
            operations.switchHeads();
            operations.mixture();
            operations.products();
            return operations.results;
        }
    }

    /** Runs each operation once, on random numbers or on NaN alone. */
    private static final class Operations {
        private final Backend backend;
        private final Arena arena;
        private final boolean poisoned;
        private final SplittableRandom random = new SplittableRandom(1);
        private final Map<String, List<double[]>> results = new LinkedHashMap<>();

        Operations(Backend backend, Arena arena, boolean poisoned) {
            this.backend = backend;
            this.arena = arena;
            this.poisoned = poisoned;
        }

        private Tensor input(long... dimensions) {
            Tensor tensor = arena.allocate("input", DType.FLOAT32, Shape.of(dimensions));
            double[] values = new double[(int) tensor.elements()];
            Arrays.setAll(values, i -> poisoned ? Double.NaN : random.nextDouble(-1, 1));
            backend.memory().writeDoubles(values, tensor);
            return tensor;
        }

        private Tensor output(long... dimensions) {
            return arena.allocate("output", DType.FLOAT32, Shape.of(dimensions));
        }

        private Tensor integers(Shape shape, int[] values) {
            Tensor tensor = arena.allocate("integers", DType.INT32, shape);
            backend.memory().writeInts(values, tensor);
            return tensor;
        }

        private void result(String operation, Tensor... outputs) {
            List<double[]> values = new ArrayList<>();
            for (Tensor output : outputs) {
                values.add(backend.memory().readDoubles(output));
            }
            results.put(operation, values);
        }

        void normalisation() {
            Tensor x = input(ROWS, HIDDEN);
            Tensor weight = input(HIDDEN);
            Tensor out = output(ROWS, HIDDEN);
            Tensor inverse = output(ROWS);
            backend.normalisation().rmsNorm(x, weight, EPSILON, out, inverse);
            result("rmsNorm", out, inverse);
            Tensor sum = output(ROWS, HIDDEN);
            backend.normalisation().addRmsNorm(x, input(ROWS, HIDDEN), weight, EPSILON, sum, out, inverse);
            result("addRmsNorm", sum, out, inverse);
            Tensor gradient = output(ROWS, HIDDEN);
            Tensor weightGradient = output(HIDDEN);
            backend.normalisation()
                    .rmsNormBackward(input(ROWS, HIDDEN), sum, weight, inverse, gradient, false, weightGradient);
            result("rmsNormBackward", gradient, weightGradient);
            rotary();
        }

        private void rotary() {
            Tensor x = input(SEQUENCES, TIME, HEADS, HEAD_DIM);
            Tensor weight = input(HEAD_DIM);
            Tensor cosine = input(TIME, HEAD_DIM / 2);
            Tensor sine = input(TIME, HEAD_DIM / 2);
            Tensor out = output(SEQUENCES, TIME, HEADS, HEAD_DIM);
            Tensor inverse = output(SEQUENCES, TIME, HEADS);
            backend.normalisation().headNormRotary(x, weight, EPSILON, cosine, sine, out, inverse);
            result("headNormRotary", out, inverse);
            Tensor gradient = output(SEQUENCES, TIME, HEADS, HEAD_DIM);
            Tensor weightGradient = output(HEAD_DIM);
            backend.normalisation()
                    .headNormRotaryBackward(
                            input(SEQUENCES, TIME, HEADS, HEAD_DIM),
                            x,
                            weight,
                            cosine,
                            sine,
                            inverse,
                            gradient,
                            weightGradient);
            result("headNormRotaryBackward", gradient, weightGradient);
        }

        void attention() {
            Tensor query = input(SEQUENCES, TIME, HEADS, HEAD_DIM);
            Tensor key = input(SEQUENCES, TIME, 1, HEAD_DIM);
            Tensor value = input(SEQUENCES, TIME, 1, HEAD_DIM);
            int[] starts = new int[ROWS];
            Arrays.setAll(starts, row -> row % TIME / 5 * 5);
            Tensor firstVisible = integers(Shape.of(SEQUENCES, TIME), starts);
            Tensor out = output(SEQUENCES, TIME, HEADS, HEAD_DIM);
            Tensor logSumExp = output(SEQUENCES, HEADS, TIME);
            backend.attention().forward(query, key, value, firstVisible, 0.3, out, logSumExp);
            result("attention forward", out, logSumExp);
            Tensor last = output(SEQUENCES, 1, HEADS, HEAD_DIM);
            Tensor lastLogSumExp = output(SEQUENCES, HEADS, 1);
            Tensor lastStart = integers(Shape.of(SEQUENCES, 1), new int[] {TIME / 5 * 5, 0});
            backend.attention()
                    .forwardCached(
                            input(SEQUENCES, 1, HEADS, HEAD_DIM),
                            key,
                            value,
                            lastStart,
                            TIME - 1,
                            0.3,
                            last,
                            lastLogSumExp);
            result("attention forwardCached", last, lastLogSumExp);
            Tensor outGradient = input(SEQUENCES, TIME, HEADS, HEAD_DIM);
            Tensor delta = output(SEQUENCES, HEADS, TIME);
            backend.attention().outputDot(outGradient, out, delta);
            result("outputDot", delta);
            Tensor dQuery = output(SEQUENCES, TIME, HEADS, HEAD_DIM);
            Tensor dKey = output(SEQUENCES, TIME, 1, HEAD_DIM);
            Tensor dValue = output(SEQUENCES, TIME, 1, HEAD_DIM);
            backend.attention()
                    .backward(
                            outGradient, delta, query, key, value, firstVisible, 0.3, logSumExp, dQuery, dKey, dValue);
            result("attention backward", dQuery, dKey, dValue);
        }

        void clip() {
            Tensor x = input(ROWS, HIDDEN);
            backend.normalisation().clip(x, 0.5);
            Tensor gradient = input(ROWS, HIDDEN);
            backend.normalisation().clipBackward(x, 0.5, gradient);
            result("clip", x, gradient);
        }

        void gates() {
            for (GateActivation activation : GateActivation.values()) {
                for (GateCombine combine : GateCombine.values()) {
                    gate(new GateFunction(activation, combine, false), SEQUENCES, TIME, HEADS, HEAD_DIM);
                    gate(new GateFunction(activation, combine, false), SEQUENCES, TIME, HEADS);
                    gate(new GateFunction(activation, combine, true), SEQUENCES, TIME, HEADS, HEAD_DIM);
                }
            }
            swiGlu();
        }

        private void gate(GateFunction function, long... logitsShape) {
            Tensor x = input(SEQUENCES, TIME, HEADS, HEAD_DIM);
            Tensor logits = input(logitsShape);
            Tensor out = output(SEQUENCES, TIME, HEADS, HEAD_DIM);
            String what = function + " " + logits.shape();
            backend.gates().gate(function, x, logits, out);
            result("gate " + what, out);
            Tensor xGradient = output(SEQUENCES, TIME, HEADS, HEAD_DIM);
            Tensor logitsGradient = output(logitsShape);
            backend.gates()
                    .gateBackward(
                            function, input(SEQUENCES, TIME, HEADS, HEAD_DIM), x, logits, xGradient, logitsGradient);
            result("gateBackward " + what, xGradient, logitsGradient);
        }

        void switchHeads() {
            Tensor x = input(SEQUENCES, TIME, HEADS * EXPERTS, HEAD_DIM);
            Tensor logits = input(SEQUENCES, TIME, HEADS * EXPERTS);
            Tensor out = output(SEQUENCES, TIME, HEADS, HEAD_DIM);
            backend.gates().switchHeads(x, logits, 2, out);
            result("switchHeads", out);
            Tensor xGradient = output(SEQUENCES, TIME, HEADS * EXPERTS, HEAD_DIM);
            Tensor logitsGradient = output(SEQUENCES, TIME, HEADS * EXPERTS);
            Tensor outGradient = input(SEQUENCES, TIME, HEADS, HEAD_DIM);
            backend.gates().switchHeadsBackward(outGradient, x, logits, 2, xGradient, logitsGradient);
            result("switchHeadsBackward", xGradient, logitsGradient);
        }

        private void swiGlu() {
            Tensor gate = input(ROWS, FFN);
            Tensor up = input(ROWS, FFN);
            Tensor out = output(ROWS, FFN);
            backend.gates().swiGlu(gate, up, out);
            result("swiGlu", out);
            Tensor gateGradient = output(ROWS, FFN);
            Tensor upGradient = output(ROWS, FFN);
            backend.gates().swiGluBackward(input(ROWS, FFN), gate, up, gateGradient, upGradient);
            result("swiGluBackward", gateGradient, upGradient);
        }

        void mixture() {
            Tensor probabilities = output(ROWS, EXPERTS);
            Tensor logSumExp = output(ROWS);
            Tensor experts = integers(Shape.of(ROWS, CHOSEN), new int[ROWS * CHOSEN]);
            Tensor weights = output(ROWS, CHOSEN);
            Tensor places = integers(Shape.of(ROWS, CHOSEN), new int[ROWS * CHOSEN]);
            Tensor offsets = integers(Shape.of(EXPERTS + 1), new int[EXPERTS + 1]);
            int[] ones = new int[ROWS];
            Arrays.fill(ones, 1);
            Tensor routed = integers(Shape.of(ROWS), ones);
            Tensor logits = input(ROWS, EXPERTS);
            backend.mixture().route(logits, routed, true, probabilities, logSumExp, experts, weights, places, offsets);
            result("route", probabilities, logSumExp, weights);
            Tensor sums = arena.allocate("sums", DType.FLOAT64, Shape.of(EXPERTS));
            Tensor squares = arena.allocate("squares", DType.FLOAT64, Shape.of(1));
            backend.mixture().routerSums(probabilities, logSumExp, sums, squares);
            result("routerSums", sums, squares);
            Tensor logitsGradient = output(ROWS, EXPERTS);
            backend.mixture()
                    .routeBackward(
                            input(ROWS, CHOSEN),
                            probabilities,
                            logSumExp,
                            experts,
                            weights,
                            true,
                            sums,
                            0.1,
                            logitsGradient);
            result("routeBackward", logitsGradient);
            permuted(places, weights, offsets);
        }

        private void permuted(Tensor places, Tensor weights, Tensor offsets) {
            Tensor x = input(ROWS, HIDDEN);
            Tensor permuted = output(ROWS * CHOSEN, HIDDEN);
            backend.mixture().permute(x, places, permuted);
            Tensor expertOut = output(ROWS * CHOSEN, FFN);
            backend.mixture().groupedMatmul(permuted, input(EXPERTS, FFN, HIDDEN), true, offsets, expertOut, false);
            Tensor out = output(ROWS, FFN);
            backend.mixture().combine(expertOut, places, weights, out);
            result("groupedMatmul and combine", permuted, expertOut, out);
            Tensor expertOutGradient = output(ROWS * CHOSEN, FFN);
            Tensor weightsGradient = output(ROWS, CHOSEN);
            Tensor outGradient = input(ROWS, FFN);
            backend.mixture()
                    .combineBackward(outGradient, expertOut, places, weights, expertOutGradient, weightsGradient);
            result("combineBackward", expertOutGradient, weightsGradient);
            Tensor expertWeightGradient = output(EXPERTS, FFN, HIDDEN);
            backend.mixture().groupedWeightGradient(expertOutGradient, permuted, offsets, expertWeightGradient);
            Tensor xGradient = output(ROWS, HIDDEN);
            backend.mixture().permuteBackward(permuted, places, xGradient);
            result("groupedWeightGradient and permuteBackward", expertWeightGradient, xGradient);
        }

        void products() {
            Tensor product = output(ROWS, FFN);
            backend.linearAlgebra().matmul(input(ROWS, HIDDEN), false, input(FFN, HIDDEN), true, product, false);
            result("matmul", product);
            int[] tokens = new int[ROWS];
            Arrays.setAll(tokens, row -> row % VOCABULARY);
            Tensor targets = integers(Shape.of(ROWS), tokens);
            Tensor tableGradient = output(VOCABULARY, HIDDEN);
            backend.linearAlgebra().embedBackward(input(ROWS, HIDDEN), targets, tableGradient);
            result("embedBackward", tableGradient);
            Tensor losses = output(ROWS);
            Tensor logSumExp = output(ROWS);
            Tensor hiddenGradient = output(ROWS, HIDDEN);
            Tensor weightGradient = output(VOCABULARY, HIDDEN);
            backend.loss()
                    .classifierLossAndGradient(
                            input(ROWS, HIDDEN),
                            input(VOCABULARY, HIDDEN),
                            targets,
                            1e-3,
                            0.1,
                            output(7, VOCABULARY),
                            losses,
                            logSumExp,
                            hiddenGradient,
                            weightGradient);
            result("classifierLossAndGradient", losses, logSumExp, hiddenGradient, weightGradient);
            Tensor parameters = input(HIDDEN);
            Tensor sum = arena.allocate("sum", DType.FLOAT64, Shape.of(1));
            backend.statistics().sumOfSquares(parameters, sum);
            result("sumOfSquares", sum);
        }
    }
}
