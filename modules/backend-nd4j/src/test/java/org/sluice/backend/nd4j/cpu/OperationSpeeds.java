package org.sluice.backend.nd4j.cpu;

import static org.sluice.backend.nd4j.cpu.kernel.VectorMath.LANES;
import static org.sluice.backend.nd4j.cpu.kernel.VectorMath.SPECIES;

import java.util.Arrays;
import java.util.Locale;
import jdk.incubator.vector.FloatVector;
import org.sluice.backend.nd4j.cpu.kernel.VectorMath;
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
 * Times the operations of one training step of the bench model (6 layers, hidden 384, 6 heads of 64, FFN 1024, vocabulary 4096, batch 8
 * x 256) one by one, and sets them against what the machine can do: its multiply-add peak and the speed of its memory, measured first.
 *
 * <p>Run as a program; the arguments are the number of cores (2), and a part of the names of the operations to time (all). Times are
 * the best of several, since other work only makes them longer.
 */
public final class OperationSpeeds {
    private static final int BATCH = 8;
    private static final int TIME = 256;
    private static final int ROWS = BATCH * TIME;
    private static final int HIDDEN = 384;
    private static final int HEADS = 6;
    private static final int HEAD_DIM = 64;
    private static final int EXPERTS = 8;
    private static final int MIXTURE_EXPERTS = 16;
    private static final int CHOSEN = 4;
    private static final int EXPERT_FFN = 256;
    private static final int FFN = 1024;
    private static final int VOCABULARY = 4096;
    private static final int CHUNK = 512;
    private static final int PARAMETERS = 13_800_000;
    private static final double EPSILON = 1e-6;

    private final Backend backend;
    private final String wanted;
    private final Arena arena;
    private final double gigaflops;
    private final double gigabytes;

    private OperationSpeeds(Backend backend, String wanted) {
        this.backend = backend;
        this.wanted = wanted;
        this.arena = backend.newArena("speeds");
        try (WorkerTeam team = new WorkerTeam(backend.cores(), Bfloat16Product::new)) {
            gigaflops = multiplyAddPeak(team);
        }
        gigabytes = copySpeed();
    }

    public static void main(String[] arguments) {
        int cores = arguments.length == 0 ? 2 : Integer.parseInt(arguments[0]);
        try (Backend backend = new CpuBackendProvider()
                .open(
                        cores,
                        org.sluice.tensor.Precision.named(System.getProperty("precision", "fp32"))
                                .get())) {
            System.out.println(backend.description());
            OperationSpeeds speeds = new OperationSpeeds(backend, arguments.length < 2 ? "" : arguments[1]);
            System.out.printf(
                    Locale.ROOT,
                    "floors: %.0f GFLOP/s of multiply-adds, %.1f GB/s of copying%n",
                    speeds.gigaflops,
                    speeds.gigabytes);
            speeds.products();
            speeds.attention();
            speeds.rows();
            speeds.gates();
            speeds.mixture();
            speeds.loss();
            speeds.parameters();
            speeds.arena.close();
        }
    }

    private void products() {
        product("qkv and gate, each", ROWS, HIDDEN, HIDDEN);
        product("qkv at once", ROWS, HIDDEN, 3 * HIDDEN);
        product("gate or up", ROWS, HIDDEN, FFN);
        product("gate and up at once", ROWS, HIDDEN, 2 * FFN);
        product("down", ROWS, FFN, HIDDEN);
        product("dense twin of the mixture", CHOSEN * ROWS, HIDDEN, EXPERT_FFN);
        product("classifier", ROWS, HIDDEN, VOCABULARY);
    }

    private void product(String name, int rows, int in, int out) {
        Tensor x = random(rows, in);
        Tensor weight = random(out, in);
        Tensor y = random(rows, out);
        Tensor xGradient = random(rows, in);
        Tensor weightGradient = random(out, in);
        double operations = 2.0 * rows * in * out;
        String shape = " " + rows + "x" + in + "x" + out;
        flops(name + shape, operations, () -> backend.linearAlgebra().matmul(x, false, weight, true, y, false));
        flops(name + shape + " dX", operations, () -> backend.linearAlgebra()
                .matmul(y, false, weight, false, xGradient, false));
        flops(name + shape + " dX, added", operations, () -> backend.linearAlgebra()
                .matmul(y, false, weight, false, xGradient, true));
        backend.memory().fill(y, 1e-6);
        flops(name + shape + " dW, added", operations, () -> backend.linearAlgebra()
                .matmul(y, true, x, false, weightGradient, true));
    }

    private void attention() {
        Tensor query = random(BATCH, TIME, HEADS, HEAD_DIM);
        Tensor key = random(BATCH, TIME, HEADS, HEAD_DIM);
        Tensor value = random(BATCH, TIME, HEADS, HEAD_DIM);
        Tensor out = random(BATCH, TIME, HEADS, HEAD_DIM);
        Tensor outGradient = random(BATCH, TIME, HEADS, HEAD_DIM);
        Tensor[] gradients = {
            random(BATCH, TIME, HEADS, HEAD_DIM),
            random(BATCH, TIME, HEADS, HEAD_DIM),
            random(BATCH, TIME, HEADS, HEAD_DIM)
        };
        Tensor logSumExp = random(BATCH, HEADS, TIME);
        Tensor delta = random(BATCH, HEADS, TIME);
        Tensor firstVisible = arena.allocate("firstVisible", DType.INT32, Shape.of(BATCH, TIME));
        double pairs = (double) BATCH * HEADS * TIME * (TIME + 1) / 2;
        flops("attention forward (pairs seen)", 4 * HEAD_DIM * pairs, () -> backend.attention()
                .forward(query, key, value, firstVisible, 0.125, out, logSumExp));
        flops("attention backward (pairs seen)", 10 * HEAD_DIM * pairs, () -> backend.attention()
                .backward(
                        outGradient,
                        delta,
                        query,
                        key,
                        value,
                        firstVisible,
                        0.125,
                        logSumExp,
                        gradients[0],
                        gradients[1],
                        gradients[2]));
        bytes("output dot", 8.0 * out.elements(), () -> backend.attention().outputDot(outGradient, out, delta));
    }

    private void rows() {
        Tensor x = random(ROWS, HIDDEN);
        Tensor y = random(ROWS, HIDDEN);
        Tensor z = random(ROWS, HIDDEN);
        Tensor weight = random(HIDDEN);
        Tensor weightGradient = random(HIDDEN);
        Tensor inverse = random(ROWS);
        double floats = 4.0 * ROWS * HIDDEN;
        bytes("RMSNorm", 2 * floats, () -> backend.normalisation().rmsNorm(x, weight, EPSILON, y, inverse));
        bytes("add and RMSNorm", 4 * floats, () -> backend.normalisation()
                .addRmsNorm(x, z, weight, EPSILON, x, y, inverse));
        bytes("RMSNorm backward, added", 4 * floats, () -> backend.normalisation()
                .rmsNormBackward(z, x, weight, inverse, y, true, weightGradient));
        bytes("clip", 2 * floats, () -> backend.normalisation().clip(z, 0.5));
        bytes("clip backward", 3 * floats, () -> backend.normalisation().clipBackward(z, 0.5, y));
        Tensor heads = random(BATCH, TIME, HEADS, HEAD_DIM);
        Tensor rotated = random(BATCH, TIME, HEADS, HEAD_DIM);
        Tensor headWeight = random(HEAD_DIM);
        Tensor headGradient = random(HEAD_DIM);
        Tensor cosine = random(TIME, HEAD_DIM / 2);
        Tensor sine = random(TIME, HEAD_DIM / 2);
        Tensor headInverse = random(BATCH, TIME, HEADS);
        bytes("head norm and rotation", 2 * floats, () -> backend.normalisation()
                .headNormRotary(heads, headWeight, EPSILON, cosine, sine, rotated, headInverse));
        bytes("head norm and rotation backward", 3 * floats, () -> backend.normalisation()
                .headNormRotaryBackward(rotated, heads, headWeight, cosine, sine, headInverse, rotated, headGradient));
        Tensor table = random(VOCABULARY, HIDDEN);
        Tensor tokens = arena.allocate("tokens", DType.INT32, Shape.of(ROWS));
        int[] ids = new int[ROWS];
        for (int n = 0; n < ROWS; n++) {
            ids[n] = n * 31 % VOCABULARY;
        }
        backend.memory().writeInts(ids, tokens);
        bytes("embedding", 2 * floats, () -> backend.linearAlgebra().embed(table, tokens, x));
        bytes("embedding backward", 3 * floats, () -> backend.linearAlgebra().embedBackward(x, tokens, table));
    }

    private void gates() {
        GateFunction added = new GateFunction(GateActivation.SILU, GateCombine.ADDITIVE, false);
        GateFunction shared = new GateFunction(GateActivation.SIGMOID, GateCombine.MULTIPLICATIVE, true);
        gate("sigmoid gate", GateFunction.SIGMOID, 3, 5, BATCH, TIME, HEADS, HEAD_DIM);
        gate("headwise sigmoid gate", GateFunction.SIGMOID, 2, 3, BATCH, TIME, HEADS);
        gate("shared sigmoid gate", shared, 3, 5, BATCH, TIME, HEADS, HEAD_DIM);
        gate("added SiLU gate", added, 3, 4, BATCH, TIME, HEADS, HEAD_DIM);
        switchHeads();
        swiGlu();
    }

    /** @param moved floats that are moved for each element, forward and backward */
    private void gate(String name, GateFunction function, int moved, int movedBackward, long... logitsShape) {
        Tensor x = random(BATCH, TIME, HEADS, HEAD_DIM);
        Tensor out = random(BATCH, TIME, HEADS, HEAD_DIM);
        Tensor logits = random(logitsShape);
        Tensor logitsGradient = random(logitsShape);
        double floats = 4.0 * ROWS * HIDDEN;
        bytes(name, moved * floats, () -> backend.gates().gate(function, x, logits, out));
        bytes(name + " backward", movedBackward * floats, () -> backend.gates()
                .gateBackward(function, out, x, logits, out, logitsGradient));
    }

    private void switchHeads() {
        Tensor x = random(BATCH, TIME, HEADS * EXPERTS, HEAD_DIM);
        Tensor logits = random(BATCH, TIME, HEADS * EXPERTS);
        Tensor out = random(BATCH, TIME, HEADS, HEAD_DIM);
        Tensor xGradient = random(BATCH, TIME, HEADS * EXPERTS, HEAD_DIM);
        Tensor logitsGradient = random(BATCH, TIME, HEADS * EXPERTS);
        double floats = 4.0 * ROWS * HIDDEN;
        bytes("switch heads, 2 of 8", 3 * floats, () -> backend.gates().switchHeads(x, logits, 2, out));
        bytes("switch heads, 2 of 8, backward", (3 + EXPERTS) * floats, () -> backend.gates()
                .switchHeadsBackward(out, x, logits, 2, xGradient, logitsGradient));
    }

    private void swiGlu() {
        Tensor gate = random(ROWS, FFN);
        Tensor up = random(ROWS, FFN);
        Tensor wide = random(ROWS, FFN);
        bytes("SwiGLU", 12.0 * ROWS * FFN, () -> backend.gates().swiGlu(gate, up, wide));
        bytes("SwiGLU backward", 20.0 * ROWS * FFN, () -> backend.gates().swiGluBackward(wide, gate, up, gate, up));
    }

    private void mixture() {
        Tensor logits = random(ROWS, MIXTURE_EXPERTS);
        Tensor probabilities = random(ROWS, MIXTURE_EXPERTS);
        Tensor logSumExp = random(ROWS);
        Tensor weights = random(ROWS, CHOSEN);
        Tensor weightsGradient = random(ROWS, CHOSEN);
        Tensor routed = arena.allocate("routed", DType.INT32, Shape.of(ROWS));
        Tensor experts = arena.allocate("experts", DType.INT32, Shape.of(ROWS, CHOSEN));
        Tensor places = arena.allocate("places", DType.INT32, Shape.of(ROWS, CHOSEN));
        Tensor offsets = arena.allocate("offsets", DType.INT32, Shape.of(MIXTURE_EXPERTS + 1));
        Tensor sums = arena.allocate("sums", DType.FLOAT64, Shape.of(MIXTURE_EXPERTS));
        Tensor squares = arena.allocate("squares", DType.FLOAT64, Shape.of(1));
        backend.memory().fill(routed, 1);
        backend.mixture().route(logits, routed, true, probabilities, logSumExp, experts, weights, places, offsets);
        double floats = 4.0 * ROWS * MIXTURE_EXPERTS;
        bytes("mixture, router", 2 * floats, () -> backend.mixture()
                .route(logits, routed, true, probabilities, logSumExp, experts, weights, places, offsets));
        bytes("mixture, router's sums", floats, () -> backend.mixture()
                .routerSums(probabilities, logSumExp, sums, squares));
        Tensor gradient = random(ROWS, MIXTURE_EXPERTS);
        bytes("mixture, router backward", 2 * floats, () -> backend.mixture()
                .routeBackward(weightsGradient, probabilities, logSumExp, experts, weights, true, sums, 0.1, gradient));
        permuted(places, weights, weightsGradient);
        groupedProducts("as routed", offsets);
        int[] balanced = new int[MIXTURE_EXPERTS + 1];
        Arrays.setAll(balanced, x -> x * ROWS * CHOSEN / MIXTURE_EXPERTS);
        backend.memory().writeInts(balanced, offsets);
        groupedProducts("balanced", offsets);
        Arrays.fill(balanced, 1, MIXTURE_EXPERTS + 1, ROWS * CHOSEN);
        backend.memory().writeInts(balanced, offsets);
        groupedProducts("one takes all", offsets);
    }

    private void permuted(Tensor places, Tensor weights, Tensor weightsGradient) {
        Tensor x = random(ROWS, HIDDEN);
        Tensor permuted = random(ROWS * CHOSEN, HIDDEN);
        double floats = 4.0 * ROWS * HIDDEN;
        bytes("mixture, permute", (1 + CHOSEN) * floats, () -> backend.mixture().permute(x, places, permuted));
        bytes("mixture, permute backward", (2 + CHOSEN) * floats, () -> backend.mixture()
                .permuteBackward(permuted, places, x));
        bytes("mixture, combine", (1 + CHOSEN) * floats, () -> backend.mixture().combine(permuted, places, weights, x));
        bytes("mixture, combine backward", (1 + 2 * CHOSEN) * floats, () -> backend.mixture()
                .combineBackward(x, permuted, places, weights, permuted, weightsGradient));
    }

    private void groupedProducts(String routing, Tensor offsets) {
        Tensor left = random(ROWS * CHOSEN, HIDDEN);
        Tensor out = random(ROWS * CHOSEN, EXPERT_FFN);
        Tensor weight = random(MIXTURE_EXPERTS, EXPERT_FFN, HIDDEN);
        Tensor weightGradient = random(MIXTURE_EXPERTS, EXPERT_FFN, HIDDEN);
        double operations = 2.0 * ROWS * CHOSEN * HIDDEN * EXPERT_FFN;
        String name = "mixture, product " + routing;
        flops(name, operations, () -> backend.mixture().groupedMatmul(left, weight, true, offsets, out, false));
        flops(name + " dX", operations, () -> backend.mixture()
                .groupedMatmul(out, weight, false, offsets, left, false));
        backend.memory().fill(out, 1e-6);
        flops(name + " dW", operations, () -> backend.mixture()
                .groupedWeightGradient(out, left, offsets, weightGradient));
    }

    private void loss() {
        Tensor hidden = random(ROWS, HIDDEN);
        Tensor weight = random(VOCABULARY, HIDDEN);
        Tensor targets = arena.allocate("targets", DType.INT32, Shape.of(ROWS));
        Tensor workspace = random(CHUNK, VOCABULARY);
        Tensor losses = random(ROWS);
        Tensor logSumExp = random(ROWS);
        Tensor hiddenGradient = random(ROWS, HIDDEN);
        Tensor weightGradient = random(VOCABULARY, HIDDEN);
        double operations = 2.0 * ROWS * HIDDEN * VOCABULARY;
        flops("loss", operations, () -> backend.loss()
                .classifierLoss(hidden, weight, targets, workspace, losses, logSumExp));
        flops("loss and gradient", 3 * operations, () -> backend.loss()
                .classifierLossAndGradient(
                        hidden,
                        weight,
                        targets,
                        0,
                        1e-9,
                        workspace,
                        losses,
                        logSumExp,
                        hiddenGradient,
                        weightGradient));
    }

    private void parameters() {
        Tensor parameters = random(PARAMETERS);
        Tensor gradients = random(PARAMETERS);
        Tensor first = random(PARAMETERS);
        Tensor second = random(PARAMETERS);
        Tensor result = arena.allocate("result", DType.FLOAT64, Shape.of(1));
        backend.memory().fill(second, 1e-3);
        AdamWStep step = new AdamWStep(1e-4, 0.9, 0.999, 1e-8, 0.1, 10, 1);
        bytes("AdamW", 28.0 * PARAMETERS, () -> backend.optimisation()
                .adamW(parameters, gradients, first, second, step));
        bytes("gradient descent", 12.0 * PARAMETERS, () -> backend.optimisation()
                .gradientDescent(parameters, gradients, 1e-6));
        bytes("sum of squares", 4.0 * PARAMETERS, () -> backend.statistics().sumOfSquares(gradients, result));
        bytes("largest", 4.0 * PARAMETERS, () -> backend.statistics().maxAbsolute(gradients, result));
        bytes("fill", 4.0 * PARAMETERS, () -> backend.memory().fill(gradients, 0));
        bytes("add scaled", 12.0 * PARAMETERS, () -> backend.memory().addScaled(gradients, 0.5, parameters));
    }

    private Tensor random(long... dimensions) {
        Tensor tensor = arena.allocate("speed", DType.FLOAT32, Shape.of(dimensions));
        double[] values = new double[(int) tensor.elements()];
        long state = 1;
        for (int i = 0; i < values.length; i++) {
            state = state * 6364136223846793005L + 1442695040888963407L;
            values[i] = (state >> 40) / (double) (1 << 23);
        }
        backend.memory().writeDoubles(values, tensor);
        return tensor;
    }

    private void flops(String name, double operations, Runnable operation) {
        if (!name.contains(wanted)) {
            return;
        }
        double seconds = best(operation);
        double rate = operations / seconds / 1e9;
        System.out.printf(
                Locale.ROOT,
                "%-44s %8.3f ms %7.0f GFLOP/s %4.0f %% of the floor%n",
                name,
                seconds * 1e3,
                rate,
                100 * rate / gigaflops);
    }

    private void bytes(String name, double moved, Runnable operation) {
        if (!name.contains(wanted)) {
            return;
        }
        double seconds = best(operation);
        double rate = moved / seconds / 1e9;
        System.out.printf(
                Locale.ROOT,
                "%-44s %8.3f ms %7.1f GB/s    %4.0f %% of the floor%n",
                name,
                seconds * 1e3,
                rate,
                100 * rate / gigabytes);
    }

    private static double best(Runnable operation) {
        long until = System.nanoTime() + 4_000_000_000L;
        double best = Double.MAX_VALUE;
        for (int run = 0; run < 10 || System.nanoTime() < until; run++) {
            long start = System.nanoTime();
            operation.run();
            best = Math.min(best, (System.nanoTime() - start) / 1e9);
        }
        return best;
    }

    /** The multiply-adds that all cores do at once, in GFLOP/s. */
    private static double multiplyAddPeak(WorkerTeam team) {
        int steps = 1_000_000;
        float[] sink = new float[team.cores()];
        double seconds =
                best(() -> team.run(team.cores(), (part, scratch) -> sink[part] = multiplyAdds(steps, scratch)));
        return 2.0 * 10 * LANES * steps * team.cores() / seconds / 1e9;
    }

    private static float multiplyAdds(int steps, Scratch scratch) {
        FloatVector x = FloatVector.broadcast(SPECIES, 0.999f);
        FloatVector y = FloatVector.broadcast(SPECIES, 1e-3f);
        FloatVector s0 = y;
        FloatVector s1 = y;
        FloatVector s2 = y;
        FloatVector s3 = y;
        FloatVector s4 = y;
        FloatVector s5 = y;
        FloatVector s6 = y;
        FloatVector s7 = y;
        FloatVector s8 = y;
        FloatVector s9 = y;
        for (int step = 0; step < steps; step++) {
            s0 = s0.fma(x, y);
            s1 = s1.fma(x, y);
            s2 = s2.fma(x, y);
            s3 = s3.fma(x, y);
            s4 = s4.fma(x, y);
            s5 = s5.fma(x, y);
            s6 = s6.fma(x, y);
            s7 = s7.fma(x, y);
            s8 = s8.fma(x, y);
            s9 = s9.fma(x, y);
        }
        FloatVector sum = s0.add(s1)
                .add(s2)
                .add(s3)
                .add(s4)
                .add(s5)
                .add(s6)
                .add(s7)
                .add(s8)
                .add(s9);
        sum.intoArray(scratch.lanes(), 0);
        return (float) VectorMath.sumOfLanes(scratch.lanes());
    }

    /** What is read and written a second when a tensor far larger than the caches is copied, in GB/s. */
    private double copySpeed() {
        Tensor source = arena.allocate("source", DType.FLOAT32, Shape.of(16 << 20));
        Tensor target = arena.allocate("target", DType.FLOAT32, Shape.of(16 << 20));
        return 8.0 * source.elements() / best(() -> backend.memory().copy(source, target)) / 1e9;
    }
}
