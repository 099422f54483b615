package org.sluice.model;

import java.util.SplittableRandom;
import org.sluice.tensor.Arena;
import org.sluice.tensor.Backend;
import org.sluice.tensor.DType;
import org.sluice.tensor.Tensor;

/** The first layer of a model with random weights, a random input and a random gradient of its output, in double precision. */
final class LayerCase implements AutoCloseable {
    final DecoderConfig config;
    final TokenBatch batch;
    final Backend backend;
    final Weights weights;
    final DecoderBlock block;
    final Tensor input;
    final HeadTensor branchGradient;
    final Tensor inputGradient;
    private final Arena arena;
    private final SplittableRandom random;

    LayerCase(DecoderConfig config, TokenBatch batch, Backend backend, SplittableRandom random) {
        this.config = config;
        this.batch = batch;
        this.backend = backend;
        this.random = random;
        arena = backend.newArena("layer");
        Allocator allocator = Allocator.of(arena, DType.FLOAT64, new BatchShape(batch.sequences(), batch.length()));
        weights = Weights.allocate(arena, DType.FLOAT64, ParameterLayout.of(config), DecoderMode.TRAINING);
        backend.memory().writeDoubles(RandomModels.parameters(config, random), weights.values());
        DecoderInput decoderInput = DecoderInput.allocate(allocator, config);
        decoderInput.load(batch, backend.memory());
        AttentionCore.Factory cores = SequenceAttention.Factory.of(backend, config, allocator, decoderInput);
        block = new DecoderBuilder(backend, config, allocator, weights, DecoderMode.TRAINING, decoderInput, cores)
                .blocks()
                .get(0);
        input = filled(allocator, "input");
        branchGradient = allocator.asOneHead(filled(allocator, "branch_gradient"));
        inputGradient = filled(allocator, "input_gradient");
    }

    int rows() {
        return batch.tokens().length;
    }

    double[] values(Tensor tensor) {
        return backend.memory().readDoubles(tensor);
    }

    private Tensor filled(Allocator allocator, String name) {
        Tensor tensor = allocator.rows(name, config.hidden());
        backend.memory().writeDoubles(random.doubles(tensor.elements(), -2, 2).toArray(), tensor);
        return tensor;
    }

    @Override
    public void close() {
        arena.close();
    }
}
