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
import org.sluice.tensor.Optimisation.AdamWStep;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/**
 * Every operation of a training step, on a small model's shapes with inputs that are the same each time: {@code B} 2, {@code T} 100,
 * {@code H} 4, {@code K} 2, {@code E} 24, {@code D} 96, {@code F} 130, {@code V} 301.
 */
final class StepOperations {
    private static final int BATCH = 2;
    private static final int TIME = 100;
    private static final int HEADS = 4;
    private static final int KV_HEADS = 2;
    private static final int HEAD_DIM = 24;
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
        Tensor x = normal("gate.x", BATCH, TIME, HEADS, HEAD_DIM);
        Tensor logits = normal("gate.logits", BATCH, TIME, HEADS, HEAD_DIM);
        Tensor scores = normal("gate.headLogits", BATCH, TIME, HEADS);
        Tensor out = normal("gate.out", BATCH, TIME, HEADS, HEAD_DIM);
        Tensor xGradient = normal("gate.xGradient", BATCH, TIME, HEADS, HEAD_DIM);
        Tensor logitsGradient = normal("gate.logitsGradient", BATCH, TIME, HEADS, HEAD_DIM);
        Tensor scoresGradient = normal("gate.headLogitsGradient", BATCH, TIME, HEADS);
        Tensor delta = normal("gate.delta", BATCH, HEADS, TIME);
        operations.put("sigmoidGate", () -> backend.gates().sigmoidGate(x, logits, out));
        operations.put("sigmoidGateBackward", () -> backend.gates()
                .sigmoidGateBackward(x, out, logits, xGradient, logitsGradient, delta));
        operations.put("sigmoidGate headwise", () -> backend.gates().sigmoidGate(x, scores, out));
        operations.put("sigmoidGateBackward headwise", () -> backend.gates()
                .sigmoidGateBackward(x, out, scores, xGradient, scoresGradient, delta));
        Tensor gate = normal("swiGlu.gate", ROWS, FFN);
        Tensor up = normal("swiGlu.up", ROWS, FFN);
        Tensor product = normal("swiGlu.out", ROWS, FFN);
        Tensor gateGradient = normal("swiGlu.gateGradient", ROWS, FFN);
        Tensor upGradient = normal("swiGlu.upGradient", ROWS, FFN);
        operations.put("swiGlu", () -> backend.gates().swiGlu(gate, up, product));
        operations.put(
                "swiGluBackward", () -> backend.gates().swiGluBackward(product, gate, up, gateGradient, upGradient));
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
        operations.put("sumOfSigmoids", () -> backend.statistics().sumOfSigmoids(parameters, result));
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
