package org.sluice.model;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.sluice.tensor.Arena;
import org.sluice.tensor.Backend;
import org.sluice.tensor.DType;
import org.sluice.tensor.Loss;
import org.sluice.tensor.Tensor;

/** The attention of one layer of a Sluice decoder, forward and backward; in this package because nobody else can reach it. */
public final class SluiceAttention implements AutoCloseable {
    private final DecoderConfig config;
    private final Backend backend;
    private final DType type;
    private final double[] parameters;
    private final int layer;
    private final Arena arena;

    /**
     * What a pass over sequences without documents gives.
     *
     * @param output {@code [N, D]}
     * @param inputGradient {@code [N, D]}
     * @param parameterGradients {@code [P]}
     */
    public record Pass(double[] output, double[] inputGradient, double[] parameterGradients) {}

    /** @param parameters the decoder's flat space */
    public SluiceAttention(DecoderConfig config, Backend backend, DType type, double[] parameters, int layer) {
        this.config = config;
        this.backend = backend;
        this.type = type;
        this.parameters = parameters;
        this.layer = layer;
        this.arena = backend.newArena("attention");
    }

    /**
     * Runs the layer once.
     *
     * @param input the normalised stream {@code [N, D]}
     * @param outputGradient {@code [N, D]}
     */
    public Pass pass(int sequences, int length, double[] input, double[] outputGradient) {
        Allocator allocator =
                Allocator.of(arena, type, new BatchShape(sequences, length)).under(sequences + "x" + length);
        Weights weights = Weights.allocate(arena, type, ParameterLayout.of(config), DecoderMode.TRAINING);
        backend.memory().writeDoubles(parameters, weights.values());
        DecoderInput decoderInput = DecoderInput.allocate(allocator, config);
        decoderInput.load(wholeSequences(sequences, length), backend.memory());
        AttentionCore.Factory cores = SequenceAttention.Factory.of(backend, config, allocator, decoderInput);
        DecoderBlock block = new DecoderBuilder(
                        backend, config, allocator, weights, DecoderMode.TRAINING, decoderInput, cores)
                .stack()
                .blocks()
                .get(layer);
        Tensor rows = filled(allocator, "input", input);
        Tensor inputGradient = allocator.rows("input_gradient", config.hidden());
        block.attention().forward(rows);
        double[] output = backend.memory().readDoubles(block.branch());
        block.attention()
                .backward(allocator.asOneHead(filled(allocator, "gradient", outputGradient)), rows, inputGradient);
        return new Pass(
                output,
                backend.memory().readDoubles(inputGradient),
                backend.memory().readDoubles(weights.gradients().orElseThrow()));
    }

    private static TokenBatch wholeSequences(int sequences, int length) {
        int[] targets = new int[sequences * length];
        Arrays.fill(targets, Loss.IGNORED);
        return new TokenBatch(sequences, length, new int[targets.length], targets, new int[targets.length]);
    }

    private Tensor filled(Allocator allocator, String name, double[] values) {
        Tensor tensor = allocator.rows(name, config.hidden());
        backend.memory().writeDoubles(values, tensor);
        return tensor;
    }

    /** The parameters of a random decoder: see {@link RandomModels#parameters}. */
    public static double[] randomParameters(DecoderConfig config, SplittableRandom random) {
        return RandomModels.parameters(config, random);
    }

    @Override
    public void close() {
        arena.close();
    }
}
