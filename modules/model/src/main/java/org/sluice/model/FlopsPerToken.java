package org.sluice.model;

/**
 * The floating-point operations of a training step for one token, forward and backward.
 *
 * <p>Each weight that a token is multiplied with takes 6, 2 forward and 4 backward; of a mixture only the chosen experts count. Looking up
 * the embedding takes none, but a tied table counts as the classifier that it is too. Causal attention's {@code Q K^T} and {@code P V}
 * take 2 forward and 4 backward for each value of each query head and each position that is seen, on average half of the sequence:
 * {@code 6 T H E} a layer. Norms, activations and the optimizer are not counted.
 *
 * @param weights for products with weights
 * @param attention for the products of attention
 */
public record FlopsPerToken(long weights, long attention) {
    private static final long PER_WEIGHT = 6;

    /**
     * Those of a model.
     *
     * @param length {@code T}, the positions of a sequence
     */
    public static FlopsPerToken of(DecoderConfig config, int length) {
        long attention = PER_WEIGHT * config.layers() * length * config.queryWidth();
        return new FlopsPerToken(PER_WEIGHT * multiplied(config), attention);
    }

    public long total() {
        return weights + attention;
    }

    /** The weights that one token is multiplied with. */
    private static long multiplied(DecoderConfig config) {
        ParameterCounts counts = ParameterCounts.of(config);
        long embedding = config.tiedEmbedding() ? 0 : counts.parts().get(ParameterCounts.Part.EMBEDDING);
        long perLayer = 2L * config.headDim()
                + config.modifiers().stream()
                        .mapToLong(modifier -> elementwiseWeights(config, modifier))
                        .sum();
        return counts.active()
                - embedding
                - counts.parts().get(ParameterCounts.Part.NORMS)
                - config.layers() * perLayer;
    }

    /** The parameters of a modifier that meet one value each: they are no product of matrices. */
    private static long elementwiseWeights(DecoderConfig config, AttentionModifier modifier) {
        boolean elementwise = modifier instanceof HeadNorm
                || (modifier instanceof GateConfig gate && gate.source() == GateSource.LEARNED);
        return elementwise ? ParameterCounts.modifier(config, modifier) : 0;
    }
}
