package org.sluice.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.sluice.tensor.Arena;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;
import org.sluice.tensor.DType;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/** The attention and the feed-forward layer, forward and backward, against ND4J's automatic differentiation of the same layer. */
class LayerAutodiffTest {
    private static final int SEQUENCES = 2;
    private static final int LENGTH = 7;
    private static final int ROWS = SEQUENCES * LENGTH;
    private static Backend backend;

    private SplittableRandom random;

    @BeforeAll
    static void open() {
        backend = Backends.open("reference", 2);
    }

    @AfterAll
    static void close() {
        backend.close();
    }

    @BeforeEach
    void seed() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        random = new SplittableRandom(seed);
    }

    static Stream<GateConfig> gates() {
        return Stream.of(GateConfig.NONE, GateConfig.SDPA_ELEMENTWISE, GateConfig.SDPA_HEADWISE);
    }

    @ParameterizedTest
    @MethodSource("gates")
    void attentionIsWhatAutomaticDifferentiationGives(GateConfig gate) {
        DecoderConfig config = RandomModels.odd(gate, true);
        TokenBatch batch = RandomModels.batch(config, SEQUENCES, LENGTH, random);
        try (Case layer = new Case(config, batch)) {
            AttentionLayer attention = layer.block.attention();
            attention.forward(layer.input, layer.branch);
            attention.backward(layer.branchGradient, layer.input, layer.inputGradient);

            Graph graph = new Graph(layer);
            graph.compare(new AttentionGraph(graph, config, batch).branch());
        }
    }

    @Test
    void feedForwardIsWhatAutomaticDifferentiationGives() {
        DecoderConfig config = RandomModels.odd(GateConfig.NONE, true);
        TokenBatch batch = RandomModels.batch(config, SEQUENCES, LENGTH, random);
        try (Case layer = new Case(config, batch)) {
            FeedForwardLayer feedForward = layer.block.feedForward();
            feedForward.forward(layer.input, layer.branch);
            feedForward.backward(layer.branchGradient, layer.input, layer.inputGradient);

            Graph graph = new Graph(layer);
            SDVariable gate = graph.project(graph.input, "mlp.gate_proj");
            SDVariable up = graph.project(graph.input, "mlp.up_proj");
            SDVariable activated = gate.mul(graph.sameDiff.nn.sigmoid(gate)).mul(up);
            graph.compare(graph.project(activated, "mlp.down_proj"));
        }
    }

    /** The first layer of a model with random weights, a random input and a random gradient of its output. */
    private final class Case implements AutoCloseable {
        final DecoderConfig config;
        final Arena arena = backend.newArena("layer");
        final double[] parameters;
        final Weights weights;
        final DecoderBlock block;
        final Tensor input;
        final Tensor branch;
        final Tensor branchGradient;
        final Tensor inputGradient;

        Case(DecoderConfig config, TokenBatch batch) {
            this.config = config;
            Allocator allocator = new Allocator(arena, DType.FLOAT64, new BatchShape(SEQUENCES, LENGTH), "");
            parameters = RandomModels.parameters(config, random);
            weights = Weights.allocate(arena, DType.FLOAT64, ParameterLayout.of(config), DecoderMode.TRAINING);
            backend.memory().writeDoubles(parameters, weights.values());
            Tensor firstVisible = arena.allocate("first_visible", DType.INT32, Shape.of(SEQUENCES, LENGTH));
            backend.memory().writeInts(batch.firstVisible(), firstVisible);
            block = new DecoderBuilder(backend, config, allocator, weights, DecoderMode.TRAINING, firstVisible)
                    .blocks()
                    .get(0);
            input = filled(allocator, "input");
            branch = allocator.rows("branch", config.hidden());
            branchGradient = filled(allocator, "branch_gradient");
            inputGradient = filled(allocator, "input_gradient");
        }

        private Tensor filled(Allocator allocator, String name) {
            Tensor tensor = allocator.rows(name, config.hidden());
            backend.memory()
                    .writeDoubles(random.doubles(tensor.elements(), -2, 2).toArray(), tensor);
            return tensor;
        }

        @Override
        public void close() {
            arena.close();
        }
    }

    /** A graph over the same input and weights, with the loss {@code sum(branch * branchGradient)}. */
    private static final class Graph {
        final SameDiff sameDiff = SameDiff.create();
        final Case layer;
        final SDVariable input;
        final Map<String, SDVariable> used = new LinkedHashMap<>();

        Graph(Case layer) {
            this.layer = layer;
            this.input = sameDiff.var("input", array(layer.input, ROWS, layer.config.hidden()));
        }

        static INDArray array(Tensor tensor, long... shape) {
            return Nd4j.createFromArray(backend.memory().readDoubles(tensor)).reshape(shape);
        }

        SDVariable weight(String part) {
            String name = "model.layers.0." + part + ".weight";
            return used.computeIfAbsent(name, missing -> {
                Weight weight = layer.weights.named(name);
                Shape shape = weight.value().shape();
                long[] dimensions = new long[shape.rank()];
                for (int i = 0; i < dimensions.length; i++) {
                    dimensions[i] = shape.dimension(i);
                }
                return sameDiff.var(name.replace('.', '_'), array(weight.value(), dimensions));
            });
        }

        SDVariable project(SDVariable x, String part) {
            return sameDiff.mmul(x, weight(part), false, true, false);
        }

        void compare(SDVariable branch) {
            SDVariable gradient =
                    sameDiff.constant("branch_gradient", array(layer.branchGradient, ROWS, layer.config.hidden()));
            SDVariable loss = branch.mul(gradient).sum();
            loss.markAsLoss();
            assertClose("branch", layer.branch, branch.eval());
            List<String> names = new ArrayList<>(List.of("input"));
            used.values().forEach(variable -> names.add(variable.name()));
            Map<String, INDArray> expected = sameDiff.calculateGradients(Map.of(), names);
            assertClose("input", layer.inputGradient, expected.get("input"));
            used.forEach((name, variable) ->
                    assertClose(name, layer.weights.named(name).gradient(), expected.get(variable.name())));
        }

        private static void assertClose(String name, Tensor found, INDArray expected) {
            double[] foundValues = backend.memory().readDoubles(found);
            double[] expectedValues = expected.dup('c').data().asDouble();
            assertThat(foundValues).as(name).hasSameSizeAs(expectedValues);
            double largest = 0;
            for (int i = 0; i < foundValues.length; i++) {
                assertThat(foundValues[i])
                        .as("%s element %d", name, i)
                        .isCloseTo(expectedValues[i], offset(1e-9 + 1e-9 * Math.abs(expectedValues[i])));
                largest = Math.max(largest, Math.abs(expectedValues[i]));
            }
            assertThat(largest).as("%s is not all zero", name).isGreaterThan(1e-3);
        }
    }

    /** Attention written with matrix products alone: rotate-half is a product with a constant matrix, documents are a mask. */
    private record AttentionGraph(Graph graph, DecoderConfig config, TokenBatch batch) {

        SDVariable branch() {
            SameDiff sameDiff = graph.sameDiff;
            SDVariable query =
                    byHead(rotated("self_attn.q_proj", "self_attn.q_norm", config.heads()), config.heads(), "query");
            SDVariable key =
                    byHead(rotated("self_attn.k_proj", "self_attn.k_norm", config.kvHeads()), config.kvHeads(), "key");
            SDVariable value = byHead(graph.project(graph.input, "self_attn.v_proj"), config.kvHeads(), "value");
            SDVariable scores = sameDiff.mmul(query, key, false, true, false).mul(1 / Math.sqrt(config.headDim()));
            SDVariable probabilities = sameDiff.nn.softmax(scores.add(sameDiff.constant("mask", mask())), 2);
            SDVariable output = sameDiff.mmul(probabilities, value)
                    .reshape(config.heads(), SEQUENCES, LENGTH, config.headDim())
                    .permute(1, 2, 0, 3);
            return graph.project(gated(output).reshape(ROWS, config.queryWidth()), "self_attn.o_proj");
        }

        private SDVariable gated(SDVariable output) {
            if (!config.gate().isPresent()) {
                return output;
            }
            boolean headwise = config.gate().granularity() == GateGranularity.HEADWISE;
            SDVariable logits = graph.project(graph.input, "self_attn.gate_proj")
                    .reshape(SEQUENCES, LENGTH, config.heads(), headwise ? 1 : config.headDim());
            return output.mul(graph.sameDiff.nn.sigmoid(logits));
        }

        private SDVariable rotated(String projection, String norm, int heads) {
            SDVariable x = graph.project(graph.input, projection).reshape(SEQUENCES, LENGTH, heads, config.headDim());
            SDVariable meanSquare = x.mul(x).mean(true, 3);
            SDVariable normalised = x.div(graph.sameDiff.math.sqrt(meanSquare.add(config.normEpsilon())))
                    .mul(graph.weight(norm).reshape(1, 1, 1, config.headDim()));
            SDVariable half = graph.sameDiff.mmul(
                    normalised.reshape((long) ROWS * heads, config.headDim()),
                    graph.sameDiff.constant(projection + "_half", rotateHalf()));
            return normalised
                    .mul(graph.sameDiff.constant(projection + "_cosine", angles(true)))
                    .add(half.reshape(SEQUENCES, LENGTH, heads, config.headDim())
                            .mul(graph.sameDiff.constant(projection + "_sine", angles(false))));
        }

        /** {@code [N, heads * E]}, in any shape, to {@code [H * B, T, E]}, key heads repeated for the query heads that read them. */
        private SDVariable byHead(SDVariable x, int heads, String name) {
            return graph.sameDiff
                    .mmul(
                            x.reshape(ROWS, (long) heads * config.headDim()),
                            graph.sameDiff.constant(name + "_readers", readers(heads)))
                    .reshape(SEQUENCES, LENGTH, config.heads(), config.headDim())
                    .permute(2, 0, 1, 3)
                    .reshape((long) config.heads() * SEQUENCES, LENGTH, config.headDim());
        }

        /** Zeros and ones {@code [heads * E, H * E]} that copy each head to the query heads that read it. */
        private INDArray readers(int heads) {
            int headDim = config.headDim();
            INDArray matrix = Nd4j.zeros(DataType.DOUBLE, (long) heads * headDim, config.queryWidth());
            for (int head = 0; head < config.heads(); head++) {
                for (int e = 0; e < headDim; e++) {
                    matrix.putScalar((long) head * heads / config.heads() * headDim + e, (long) head * headDim + e, 1);
                }
            }
            return matrix;
        }

        private INDArray rotateHalf() {
            int half = config.headDim() / 2;
            INDArray matrix = Nd4j.zeros(DataType.DOUBLE, config.headDim(), config.headDim());
            for (int i = 0; i < half; i++) {
                matrix.putScalar(i + half, i, -1);
                matrix.putScalar(i, i + half, 1);
            }
            return matrix;
        }

        private INDArray angles(boolean cosine) {
            INDArray angles = Nd4j.zeros(DataType.DOUBLE, 1, LENGTH, 1, config.headDim());
            for (int t = 0; t < LENGTH; t++) {
                for (int e = 0; e < config.headDim(); e++) {
                    int pair = e % (config.headDim() / 2);
                    double angle = t * Math.pow(config.ropeBase(), -2.0 * pair / config.headDim());
                    angles.putScalar(new int[] {0, t, 0, e}, cosine ? Math.cos(angle) : Math.sin(angle));
                }
            }
            return angles;
        }

        private INDArray mask() {
            INDArray mask = Nd4j.zeros(DataType.DOUBLE, (long) SEQUENCES * config.heads(), LENGTH, LENGTH);
            for (int b = 0; b < SEQUENCES; b++) {
                for (int h = 0; h < config.heads(); h++) {
                    for (int t = 0; t < LENGTH; t++) {
                        for (int j = 0; j < LENGTH; j++) {
                            boolean visible = j <= t && j >= batch.firstVisible()[b * LENGTH + t];
                            mask.putScalar(h * SEQUENCES + b, t, j, visible ? 0 : -1e9);
                        }
                    }
                }
            }
            return mask;
        }
    }
}
