package org.sluice.backend.nd4j.cpu;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.sluice.tensor.Arena;
import org.sluice.tensor.Backend;
import org.sluice.tensor.DType;
import org.sluice.tensor.GateActivation;
import org.sluice.tensor.GateCombine;
import org.sluice.tensor.GateFunction;
import org.sluice.tensor.Optimisation.AdamWStep;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/**
 * Every operation of a training step, on a small model's shapes with inputs that are the same each time: {@code B} 2, {@code T} 100,
 * {@code H} 4, {@code K} 2, {@code E} 24, {@code D} 96, {@code F} 130, {@code V} 301, {@code X} 5, {@code k} 2;
 * the mixture of experts has 1200 rows, half of them routed, and one expert sees all of these.
 */
final class StepOperations {
    private static final int BATCH = 2;
    private static final int TIME = 100;
    private static final int HEADS = 4;
    private static final int KV_HEADS = 2;
    private static final int HEAD_DIM = 24;
    private static final int EXPERTS = 5;
    private static final int CHOSEN = 2;
    private static final int MIXTURE_ROWS = 1200;
    private static final int ROWS = BATCH * TIME;
    private static final int HIDDEN = HEADS * HEAD_DIM;
    private static final int FFN = 130;
    private static final int VOCABULARY = 301;

    private final Backend backend;
    private final Arena arena;
    private final Random random = new Random(20260101);
    private final List<Tensor> tensors = new ArrayList<>();
    private final Map<String, Runnable> operations = new LinkedHashMap<>();

    StepOperations(Backend backend, Arena arena) {
        this.backend = backend;
        this.arena = arena;
        products();
        rows();
        attention();
        gates();
        mixture();
        loss();
        parameters();
    }

    /** The operations by name, in the order in which they are to run. */
    Map<String, Runnable> operations() {
        return operations;
    }

    /** The bytes of every tensor, by its name. */
    Map<String, byte[]> contents() {
        Map<String, byte[]> contents = new LinkedHashMap<>();
        for (Tensor tensor : tensors) {
            ByteBuffer bytes = ByteBuffer.allocate(
                    (int) (tensor.elements() * tensor.dtype().bytes()));
            backend.memory().read(tensor, 0, bytes);
            contents.put(tensor.name(), bytes.array());
        }
        return contents;
    }

    private void products() {
        Tensor x = normal("products.x", ROWS, HIDDEN);
        Tensor weight = normal("products.weight", FFN, HIDDEN);
        Tensor y = normal("products.y", ROWS, FFN);
        Tensor outGradient = normal("products.outGradient", ROWS, FFN);
        Tensor xGradient = normal("products.xGradient", ROWS, HIDDEN);
        Tensor weightGradient = normal("products.weightGradient", FFN, HIDDEN);
        operations.put("matmul", () -> backend.linearAlgebra().matmul(x, false, weight, true, y, false));
        operations.put(
                "matmul dX", () -> backend.linearAlgebra().matmul(outGradient, false, weight, false, xGradient, false));
        operations.put(
                "matmul dW", () -> backend.linearAlgebra().matmul(outGradient, true, x, false, weightGradient, true));
        Tensor table = normal("embedding.table", VOCABULARY, HIDDEN);
        Tensor tokens = integers("embedding.tokens", VOCABULARY, ROWS);
        operations.put("embed", () -> backend.linearAlgebra().embed(table, tokens, x));
        operations.put("embedBackward", () -> backend.linearAlgebra().embedBackward(x, tokens, table));
    }

    private void rows() {
        Tensor x = normal("rows.x", ROWS, FFN);
        Tensor branch = normal("rows.branch", ROWS, FFN);
        Tensor out = normal("rows.out", ROWS, FFN);
        Tensor weight = normal("rows.weight", FFN);
        Tensor weightGradient = normal("rows.weightGradient", FFN);
        Tensor inverse = normal("rows.inverseRms", ROWS);
        operations.put("rmsNorm", () -> backend.normalisation().rmsNorm(x, weight, 1e-6, out, inverse));
        operations.put(
                "addRmsNorm", () -> backend.normalisation().addRmsNorm(x, branch, weight, 1e-6, x, out, inverse));
        operations.put("rmsNormBackward", () -> backend.normalisation()
                .rmsNormBackward(branch, x, weight, inverse, out, true, weightGradient));
        operations.put("clip", () -> backend.normalisation().clip(branch, 0.7));
        operations.put("clipBackward", () -> backend.normalisation().clipBackward(branch, 0.7, out));
        Tensor heads = normal("heads.x", BATCH, TIME, HEADS, HEAD_DIM);
        Tensor rotated = normal("heads.out", BATCH, TIME, HEADS, HEAD_DIM);
        Tensor headWeight = normal("heads.weight", HEAD_DIM);
        Tensor headGradient = normal("heads.weightGradient", HEAD_DIM);
        Tensor cosine = normal("heads.cosine", TIME, HEAD_DIM / 2);
        Tensor sine = normal("heads.sine", TIME, HEAD_DIM / 2);
        Tensor headInverse = normal("heads.inverseRms", BATCH, TIME, HEADS);
        operations.put("headNormRotary", () -> backend.normalisation()
                .headNormRotary(heads, headWeight, 1e-6, cosine, sine, rotated, headInverse));
        operations.put("headNormRotaryBackward", () -> backend.normalisation()
                .headNormRotaryBackward(rotated, heads, headWeight, cosine, sine, headInverse, rotated, headGradient));
    }

    private void attention() {
        Tensor query = normal("attention.query", BATCH, TIME, HEADS, HEAD_DIM);
        Tensor key = normal("attention.key", BATCH, TIME, KV_HEADS, HEAD_DIM);
        Tensor value = normal("attention.value", BATCH, TIME, KV_HEADS, HEAD_DIM);
        Tensor out = normal("attention.out", BATCH, TIME, HEADS, HEAD_DIM);
        Tensor outGradient = normal("attention.outGradient", BATCH, TIME, HEADS, HEAD_DIM);
        Tensor queryGradient = normal("attention.queryGradient", BATCH, TIME, HEADS, HEAD_DIM);
        Tensor keyGradient = normal("attention.keyGradient", BATCH, TIME, KV_HEADS, HEAD_DIM);
        Tensor valueGradient = normal("attention.valueGradient", BATCH, TIME, KV_HEADS, HEAD_DIM);
        Tensor logSumExp = normal("attention.logSumExp", BATCH, HEADS, TIME);
        Tensor delta = normal("attention.delta", BATCH, HEADS, TIME);
        Tensor firstVisible = integers("attention.firstVisible", 1, BATCH, TIME);
        Tensor sums = doubles("attention.firstTokenProbability", HEADS);
        operations.put("attention forward", () -> backend.attention()
                .forward(query, key, value, firstVisible, 0.2, out, logSumExp));
        operations.put("attention outputDot", () -> backend.attention().outputDot(outGradient, out, delta));
        operations.put("attention backward", () -> backend.attention()
                .backward(
                        outGradient,
                        delta,
                        query,
                        key,
                        value,
                        firstVisible,
                        0.2,
                        logSumExp,
                        queryGradient,
                        keyGradient,
                        valueGradient));
        operations.put("attention firstTokenProbability", () -> backend.attention()
                .firstTokenProbability(query, key, firstVisible, 0.2, logSumExp, sums));
    }

    private void gates() {
        GateFunction added = new GateFunction(GateActivation.SILU, GateCombine.ADDITIVE, false);
        GateFunction shared = new GateFunction(GateActivation.SIGMOID, GateCombine.MULTIPLICATIVE, true);
        gate("gate", GateFunction.SIGMOID, BATCH, TIME, HEADS, HEAD_DIM);
        gate("headwise gate", GateFunction.SIGMOID, BATCH, TIME, HEADS);
        gate("shared gate", shared, BATCH, TIME, HEADS, HEAD_DIM);
        gate("added gate", added, BATCH, TIME, HEADS, HEAD_DIM);
        gate("added headwise gate", added, BATCH, TIME, HEADS);
        switchHeads();
        swiGlu();
    }

    private void gate(String name, GateFunction function, long... logitsShape) {
        Tensor x = normal(name + ".x", BATCH, TIME, HEADS, HEAD_DIM);
        Tensor logits = normal(name + ".logits", logitsShape);
        Tensor out = normal(name + ".out", BATCH, TIME, HEADS, HEAD_DIM);
        Tensor xGradient = normal(name + ".xGradient", BATCH, TIME, HEADS, HEAD_DIM);
        Tensor logitsGradient = normal(name + ".logitsGradient", logitsShape);
        operations.put(name, () -> backend.gates().gate(function, x, logits, out));
        operations.put(name + " backward", () -> backend.gates()
                .gateBackward(function, out, x, logits, xGradient, logitsGradient));
    }

    private void switchHeads() {
        Tensor x = normal("switchHeads.x", BATCH, TIME, HEADS * EXPERTS, HEAD_DIM);
        Tensor logits = normal("switchHeads.logits", BATCH, TIME, HEADS * EXPERTS);
        Tensor out = normal("switchHeads.out", BATCH, TIME, HEADS, HEAD_DIM);
        Tensor xGradient = normal("switchHeads.xGradient", BATCH, TIME, HEADS * EXPERTS, HEAD_DIM);
        Tensor logitsGradient = normal("switchHeads.logitsGradient", BATCH, TIME, HEADS * EXPERTS);
        operations.put("switchHeads", () -> backend.gates().switchHeads(x, logits, 2, out));
        operations.put("switchHeadsBackward", () -> backend.gates()
                .switchHeadsBackward(out, x, logits, 2, xGradient, logitsGradient));
    }

    private void swiGlu() {
        Tensor gate = normal("swiGlu.gate", ROWS, FFN);
        Tensor up = normal("swiGlu.up", ROWS, FFN);
        Tensor product = normal("swiGlu.out", ROWS, FFN);
        Tensor gateGradient = normal("swiGlu.gateGradient", ROWS, FFN);
        Tensor upGradient = normal("swiGlu.upGradient", ROWS, FFN);
        operations.put("swiGlu", () -> backend.gates().swiGlu(gate, up, product));
        operations.put(
                "swiGluBackward", () -> backend.gates().swiGluBackward(product, gate, up, gateGradient, upGradient));
    }

    private void mixture() {
        Tensor logits = normal("mixture.logits", MIXTURE_ROWS, EXPERTS);
        double[] values = backend.memory().readDoubles(logits);
        for (int index = 0; index < values.length; index += EXPERTS) {
            values[index] += 20;
        }
        backend.memory().writeDoubles(values, logits);
        Tensor routed = integers("mixture.routed", 2, MIXTURE_ROWS);
        Tensor probabilities = normal("mixture.probabilities", MIXTURE_ROWS, EXPERTS);
        Tensor logSumExp = normal("mixture.logSumExp", MIXTURE_ROWS);
        Tensor experts = integers("mixture.experts", EXPERTS, MIXTURE_ROWS, CHOSEN);
        Tensor weights = normal("mixture.weights", MIXTURE_ROWS, CHOSEN);
        Tensor places = integers("mixture.places", 1, MIXTURE_ROWS, CHOSEN);
        Tensor offsets = integers("mixture.offsets", 1, EXPERTS + 1);
        Tensor sums = doubles("mixture.probabilitySums", EXPERTS);
        Tensor squares = doubles("mixture.squares", 1);
        Tensor weightsGradient = normal("mixture.weightsGradient", MIXTURE_ROWS, CHOSEN);
        Tensor logitsGradient = normal("mixture.logitsGradient", MIXTURE_ROWS, EXPERTS);
        operations.put("route", () -> backend.mixture()
                .route(logits, routed, true, probabilities, logSumExp, experts, weights, places, offsets));
        operations.put("routerSums", () -> backend.mixture().routerSums(probabilities, logSumExp, sums, squares));
        operations.put("routeBackward", () -> backend.mixture()
                .routeBackward(
                        weightsGradient, probabilities, logSumExp, experts, weights, true, sums, 1e-3, logitsGradient));
        experts(places, weights, offsets, weightsGradient);
    }

    private void experts(Tensor places, Tensor weights, Tensor offsets, Tensor weightsGradient) {
        Tensor x = normal("mixture.x", MIXTURE_ROWS, HIDDEN);
        Tensor permuted = normal("mixture.permuted", MIXTURE_ROWS * CHOSEN, HIDDEN);
        Tensor expertWeights = normal("mixture.expertWeights", EXPERTS, FFN, HIDDEN);
        Tensor expertOut = normal("mixture.expertOut", MIXTURE_ROWS * CHOSEN, FFN);
        Tensor out = normal("mixture.out", MIXTURE_ROWS, FFN);
        Tensor expertOutGradient = normal("mixture.expertOutGradient", MIXTURE_ROWS * CHOSEN, FFN);
        Tensor expertWeightsGradient = normal("mixture.expertWeightsGradient", EXPERTS, FFN, HIDDEN);
        Tensor xGradient = normal("mixture.xGradient", MIXTURE_ROWS, HIDDEN);
        operations.put("permute", () -> backend.mixture().permute(x, places, permuted));
        operations.put("groupedMatmul", () -> backend.mixture()
                .groupedMatmul(permuted, expertWeights, true, offsets, expertOut, false));
        operations.put("combine", () -> backend.mixture().combine(expertOut, places, weights, out));
        operations.put("combineBackward", () -> backend.mixture()
                .combineBackward(out, expertOut, places, weights, expertOutGradient, weightsGradient));
        operations.put("groupedWeightGradient", () -> backend.mixture()
                .groupedWeightGradient(expertOutGradient, permuted, offsets, expertWeightsGradient));
        operations.put("groupedMatmul dX", () -> backend.mixture()
                .groupedMatmul(expertOutGradient, expertWeights, false, offsets, permuted, false));
        operations.put("permuteBackward", () -> backend.mixture().permuteBackward(permuted, places, xGradient));
    }

    private void loss() {
        Tensor hidden = normal("loss.hidden", ROWS, HIDDEN);
        Tensor weight = normal("loss.weight", VOCABULARY, HIDDEN);
        Tensor targets = integers("loss.targets", VOCABULARY, ROWS);
        Tensor workspace = normal("loss.workspace", 70, VOCABULARY);
        Tensor losses = normal("loss.losses", ROWS);
        Tensor logSumExp = normal("loss.logSumExp", ROWS);
        Tensor hiddenGradient = normal("loss.hiddenGradient", ROWS, HIDDEN);
        Tensor weightGradient = normal("loss.weightGradient", VOCABULARY, HIDDEN);
        operations.put("classifierLoss", () -> backend.loss()
                .classifierLoss(hidden, weight, targets, workspace, losses, logSumExp));
        operations.put("classifierLossAndGradient", () -> backend.loss()
                .classifierLossAndGradient(
                        hidden,
                        weight,
                        targets,
                        1e-4,
                        0.01,
                        workspace,
                        losses,
                        logSumExp,
                        hiddenGradient,
                        weightGradient));
    }

    private void parameters() {
        Tensor parameters = normal("parameters", 100_003);
        Tensor gradients = normal("gradients", 100_003);
        Tensor first = normal("firstMoment", 100_003);
        Tensor second = normal("secondMoment", 100_003);
        Tensor result = doubles("statistics.result", 1);
        operations.put("sumOfSquares of moments", () -> backend.statistics().sumOfSquares(first, result));
        operations.put("square", () -> backend.memory().fill(second, 0.5));
        AdamWStep step = new AdamWStep(1e-3, 0.9, 0.95, 1e-8, 0.1, 3, 0.7);
        operations.put("adamW", () -> backend.optimisation().adamW(parameters, gradients, first, second, step));
        operations.put("gradientDescent", () -> backend.optimisation().gradientDescent(parameters, gradients, 1e-3));
        operations.put("addScaled", () -> backend.memory().addScaled(gradients, -0.3, parameters));
        operations.put("copy", () -> backend.memory().copy(first, gradients));
        operations.put("sum", () -> backend.statistics().sum(parameters, result));
        operations.put("sumOfSquares", () -> backend.statistics().sumOfSquares(parameters, result));
        operations.put("maxAbsolute", () -> backend.statistics().maxAbsolute(parameters, result));
    }

    private Tensor normal(String name, long... dimensions) {
        Tensor tensor = arena.allocate(name, DType.FLOAT32, Shape.of(dimensions));
        double[] values = new double[(int) tensor.elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextGaussian();
        }
        backend.memory().writeDoubles(values, tensor);
        tensors.add(tensor);
        return tensor;
    }

    private Tensor doubles(String name, long... dimensions) {
        Tensor tensor = arena.allocate(name, DType.FLOAT64, Shape.of(dimensions));
        tensors.add(tensor);
        return tensor;
    }

    private Tensor integers(String name, int bound, long... dimensions) {
        Tensor tensor = arena.allocate(name, DType.INT32, Shape.of(dimensions));
        int[] values = new int[(int) tensor.elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt(bound);
        }
        backend.memory().writeInts(values, tensor);
        tensors.add(tensor);
        return tensor;
    }
}
