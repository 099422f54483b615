package org.sluice.model;

import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Attention written with matrix products alone: rotate-half is a product with a constant matrix, documents are a mask. */
record AttentionGraph(LayerGraph graph, DecoderConfig config, TokenBatch batch) {

    /** What the layer adds to the stream {@code [N, D]}. */
    SDVariable branch() {
        SameDiff sameDiff = graph.sameDiff;
        ModifierGraph modifiers = new ModifierGraph(graph, config);
        int headDim = config.headDim();
        SDVariable query = forReaders(rotated(GatePosition.QUERY, "q", config.heads()), config.heads(), "query");
        SDVariable key = forReaders(rotated(GatePosition.KEY, "k", config.kvHeads()), config.kvHeads(), "key");
        SDVariable values = modifiers.pass(
                GatePosition.VALUE, graph.project(graph.input, "self_attn.v_proj"), config.kvHeads(), headDim);
        SDVariable scores = sameDiff.mmul(query, key, false, true, false).mul(1 / Math.sqrt(headDim));
        SDVariable probabilities = sameDiff.nn.softmax(scores.add(sameDiff.constant("mask", mask())), 2);
        SDVariable output = sameDiff.mmul(probabilities, forReaders(values, config.kvHeads(), "value"))
                .reshape(config.heads(), batch.sequences(), batch.length(), headDim)
                .permute(1, 2, 0, 3);
        SDVariable gated = modifiers.pass(GatePosition.SDPA_OUTPUT, output, config.heads(), headDim);
        SDVariable dense = graph.project(gated.reshape(rows(), config.queryWidth()), "self_attn.o_proj");
        SDVariable branch = modifiers
                .pass(GatePosition.DENSE_OUTPUT, dense, 1, config.hidden())
                .reshape(rows(), config.hidden());
        return config.sandwichNorm() ? graph.normalised(branch, 2, "self_attn.sandwich_norm") : branch;
    }

    private int rows() {
        return batch.tokens().length;
    }

    /** Queries or keys after all that comes before their product: {@code [B, T, heads, E]}. */
    private SDVariable rotated(GatePosition position, String letter, int heads) {
        int headDim = config.headDim();
        SDVariable x = new ModifierGraph(graph, config)
                .pass(position, graph.project(graph.input, "self_attn." + letter + "_proj"), heads, headDim)
                .reshape(batch.sequences(), batch.length(), heads, headDim);
        SDVariable normalised = graph.normalised(x, 4, "self_attn." + letter + "_norm");
        SDVariable half = graph.sameDiff.mmul(
                normalised.reshape((long) rows() * heads, headDim),
                graph.sameDiff.constant(letter + "_half", rotateHalf()));
        return normalised
                .mul(graph.sameDiff.constant(letter + "_cosine", angles(true)))
                .add(half.reshape(batch.sequences(), batch.length(), heads, headDim)
                        .mul(graph.sameDiff.constant(letter + "_sine", angles(false))));
    }

    /** {@code [N, heads * E]}, in any shape, to {@code [H * B, T, E]}, key heads repeated for the query heads that read them. */
    private SDVariable forReaders(SDVariable x, int heads, String name) {
        return graph.sameDiff
                .mmul(
                        x.reshape(rows(), (long) heads * config.headDim()),
                        graph.sameDiff.constant(name + "_readers", readers(heads)))
                .reshape(batch.sequences(), batch.length(), config.heads(), config.headDim())
                .permute(2, 0, 1, 3)
                .reshape((long) config.heads() * batch.sequences(), batch.length(), config.headDim());
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
        PlainRope rope = new PlainRope(config.rope(), config.headDim());
        double factor = 1 + 0.1 * Math.log(config.rope().yarn().factor());
        INDArray angles = Nd4j.zeros(DataType.DOUBLE, 1, batch.length(), 1, config.headDim());
        for (int t = 0; t < batch.length(); t++) {
            for (int e = 0; e < config.headDim(); e++) {
                double angle = t * rope.frequency(e % (config.headDim() / 2));
                angles.putScalar(new int[] {0, t, 0, e}, factor * (cosine ? Math.cos(angle) : Math.sin(angle)));
            }
        }
        return angles;
    }

    private INDArray mask() {
        int length = batch.length();
        INDArray mask = Nd4j.zeros(DataType.DOUBLE, (long) batch.sequences() * config.heads(), length, length);
        for (int b = 0; b < batch.sequences(); b++) {
            for (int h = 0; h < config.heads(); h++) {
                for (int t = 0; t < length; t++) {
                    for (int j = 0; j < length; j++) {
                        boolean visible = j <= t && j >= batch.firstVisible()[b * length + t];
                        mask.putScalar(h * batch.sequences() + b, t, j, visible ? 0 : -1e9);
                    }
                }
            }
        }
        return mask;
    }
}
