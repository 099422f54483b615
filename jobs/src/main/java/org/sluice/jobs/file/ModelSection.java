package org.sluice.jobs.file;

import java.util.Optional;
import org.sluice.model.DecoderConfig;
import org.sluice.model.MixtureConfig;
import org.sluice.model.ModelScale;
import org.sluice.model.Presets;
import org.sluice.model.RopeConfig;

/**
 * The model: a preset, and what is different from it. The vocabulary is always the tokenizer's.
 *
 * @param preset the name of the shape to start from
 * @param scale how large a member of the preset's family; see {@link ModelScale}
 * @param experts of every feed-forward layer; 0 for a dense model
 * @param expertsPerToken how many of them a token is sent to
 */
public record ModelSection(
        String preset,
        String scale,
        Optional<Integer> layers,
        Optional<Integer> hidden,
        Optional<Integer> heads,
        Optional<Integer> kvHeads,
        Optional<Integer> headDim,
        Optional<Integer> ffn,
        Optional<Integer> experts,
        Optional<Integer> expertsPerToken,
        Optional<Boolean> tiedEmbedding,
        Optional<Double> ropeBase,
        Optional<Yarn> yarn,
        Optional<Boolean> sandwichNorm,
        Optional<Double> residualClip,
        Optional<Double> normEpsilon,
        Optional<Double> initialStandardDeviation) {

    /** @throws IllegalArgumentException if there is no such preset, or what comes out is no possible model */
    public ModelSection(
            String preset,
            String scale,
            Optional<Integer> layers,
            Optional<Integer> hidden,
            Optional<Integer> heads,
            Optional<Integer> kvHeads,
            Optional<Integer> headDim,
            Optional<Integer> ffn,
            Optional<Integer> experts,
            Optional<Integer> expertsPerToken,
            Optional<Boolean> tiedEmbedding,
            Optional<Double> ropeBase,
            Optional<Yarn> yarn,
            Optional<Boolean> sandwichNorm,
            Optional<Double> residualClip,
            Optional<Double> normEpsilon,
            Optional<Double> initialStandardDeviation) {
        this.preset = preset;
        this.scale = scale;
        this.layers = layers;
        this.hidden = hidden;
        this.heads = heads;
        this.kvHeads = kvHeads;
        this.headDim = headDim;
        this.ffn = ffn;
        this.experts = experts;
        this.expertsPerToken = expertsPerToken;
        this.tiedEmbedding = tiedEmbedding;
        this.ropeBase = ropeBase;
        this.yarn = yarn;
        this.sandwichNorm = sandwichNorm;
        this.residualClip = residualClip;
        this.normEpsilon = normEpsilon;
        this.initialStandardDeviation = initialStandardDeviation;
        toConfig(1);
    }

    /** The extension of the context; see {@link RopeConfig.Yarn}. */
    public record Yarn(double factor, int originalLength) {
        /** @throws IllegalArgumentException if a value is out of its range */
        public Yarn {
            RopeConfig.Yarn.of(factor, originalLength);
        }
    }

    /**
     * The model without a gate.
     *
     * @param vocabulary the tokenizer's
     * @throws IllegalArgumentException if there is no such preset, or what comes out is no possible model
     */
    public DecoderConfig toConfig(int vocabulary) {
        DecoderConfig base = Presets.named(preset, ModelScale.named(scale));
        return base.change()
                .vocabulary(vocabulary)
                .layers(layers.orElse(base.layers()))
                .hidden(hidden.orElse(base.hidden()))
                .heads(heads.orElse(base.heads()))
                .kvHeads(kvHeads.orElse(base.kvHeads()))
                .headDim(headDim.orElse(base.headDim()))
                .ffn(ffn.orElse(base.ffn()))
                .mixture(mixture(base.mixture()))
                .tiedEmbedding(tiedEmbedding.orElse(base.tiedEmbedding()))
                .rope(rope(base.rope()))
                .sandwichNorm(sandwichNorm.orElse(base.sandwichNorm()))
                .residualClip(residualClip.orElse(base.residualClip()))
                .normEpsilon(normEpsilon.orElse(base.normEpsilon()))
                .initialStandardDeviation(initialStandardDeviation.orElse(base.initialStandardDeviation()))
                .build();
    }

    private MixtureConfig mixture(MixtureConfig base) {
        int all = experts.orElse(base.experts());
        int chosen = expertsPerToken.orElse(all == 0 ? 0 : base.chosen());
        if (all > 0 && chosen == 0) {
            throw new IllegalArgumentException(
                    "experts is " + all + " without expertsPerToken; give that too, from 1 to " + all);
        }
        return all == 0 && chosen == 0 ? MixtureConfig.DENSE : MixtureConfig.of(all, chosen);
    }

    private RopeConfig rope(RopeConfig base) {
        RopeConfig.Yarn extension = yarn.map(given -> RopeConfig.Yarn.of(given.factor(), given.originalLength()))
                .orElse(base.yarn());
        return new RopeConfig(ropeBase.orElse(base.base()), extension);
    }
}
