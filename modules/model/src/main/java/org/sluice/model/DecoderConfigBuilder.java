package org.sluice.model;

import java.util.List;

/** Changes some components of a {@link DecoderConfig}; {@link #build} checks them all. */
public final class DecoderConfigBuilder {
    private int layers;
    private int hidden;
    private int heads;
    private int kvHeads;
    private int headDim;
    private int ffn;
    private MixtureConfig mixture;
    private int vocabulary;
    private boolean tiedEmbedding;
    private RopeConfig rope;
    private double normEpsilon;
    private double initialStandardDeviation;
    private List<AttentionModifier> modifiers;
    private boolean sandwichNorm;
    private double residualClip;

    DecoderConfigBuilder(DecoderConfig start) {
        layers = start.layers();
        hidden = start.hidden();
        heads = start.heads();
        kvHeads = start.kvHeads();
        headDim = start.headDim();
        ffn = start.ffn();
        mixture = start.mixture();
        vocabulary = start.vocabulary();
        tiedEmbedding = start.tiedEmbedding();
        rope = start.rope();
        normEpsilon = start.normEpsilon();
        initialStandardDeviation = start.initialStandardDeviation();
        modifiers = start.modifiers();
        sandwichNorm = start.sandwichNorm();
        residualClip = start.residualClip();
    }

    public DecoderConfigBuilder layers(int value) {
        layers = value;
        return this;
    }

    public DecoderConfigBuilder hidden(int value) {
        hidden = value;
        return this;
    }

    public DecoderConfigBuilder heads(int value) {
        heads = value;
        return this;
    }

    public DecoderConfigBuilder kvHeads(int value) {
        kvHeads = value;
        return this;
    }

    public DecoderConfigBuilder headDim(int value) {
        headDim = value;
        return this;
    }

    public DecoderConfigBuilder ffn(int value) {
        ffn = value;
        return this;
    }

    public DecoderConfigBuilder mixture(MixtureConfig value) {
        mixture = value;
        return this;
    }

    public DecoderConfigBuilder vocabulary(int value) {
        vocabulary = value;
        return this;
    }

    public DecoderConfigBuilder tiedEmbedding(boolean value) {
        tiedEmbedding = value;
        return this;
    }

    public DecoderConfigBuilder rope(RopeConfig value) {
        rope = value;
        return this;
    }

    public DecoderConfigBuilder normEpsilon(double value) {
        normEpsilon = value;
        return this;
    }

    public DecoderConfigBuilder initialStandardDeviation(double value) {
        initialStandardDeviation = value;
        return this;
    }

    public DecoderConfigBuilder modifiers(List<AttentionModifier> value) {
        modifiers = value;
        return this;
    }

    public DecoderConfigBuilder sandwichNorm(boolean value) {
        sandwichNorm = value;
        return this;
    }

    public DecoderConfigBuilder residualClip(double value) {
        residualClip = value;
        return this;
    }

    /**
     * The changed model.
     *
     * @throws IllegalArgumentException if a component is out of range
     */
    public DecoderConfig build() {
        return new DecoderConfig(
                layers,
                hidden,
                heads,
                kvHeads,
                headDim,
                ffn,
                mixture,
                vocabulary,
                tiedEmbedding,
                rope,
                normEpsilon,
                initialStandardDeviation,
                modifiers,
                sandwichNorm,
                residualClip);
    }
}
