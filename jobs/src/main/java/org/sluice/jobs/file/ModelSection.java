package org.sluice.jobs.file;

import java.util.Optional;
import org.sluice.model.DecoderConfig;
import org.sluice.model.Presets;

/**
 * The model: a preset, and what is different from it. The vocabulary is always the tokenizer's.
 *
 * @param preset the name of the shape to start from
 */
public record ModelSection(
        String preset,
        Optional<Integer> layers,
        Optional<Integer> hidden,
        Optional<Integer> heads,
        Optional<Integer> kvHeads,
        Optional<Integer> headDim,
        Optional<Integer> ffn,
        Optional<Boolean> tiedEmbedding,
        Optional<Double> ropeBase,
        Optional<Double> normEpsilon,
        Optional<Double> initialStandardDeviation) {

    /** @throws IllegalArgumentException if there is no such preset, or what comes out is no possible model */
    public ModelSection {
        toConfig(
                1,
                preset,
                layers,
                hidden,
                heads,
                kvHeads,
                headDim,
                ffn,
                tiedEmbedding,
                ropeBase,
                normEpsilon,
                initialStandardDeviation);
    }

    /**
     * The model without a gate.
     *
     * @param vocabulary the tokenizer's
     */
    public DecoderConfig toConfig(int vocabulary) {
        return toConfig(
                vocabulary,
                preset,
                layers,
                hidden,
                heads,
                kvHeads,
                headDim,
                ffn,
                tiedEmbedding,
                ropeBase,
                normEpsilon,
                initialStandardDeviation);
    }

    private static DecoderConfig toConfig(
            int vocabulary,
            String preset,
            Optional<Integer> layers,
            Optional<Integer> hidden,
            Optional<Integer> heads,
            Optional<Integer> kvHeads,
            Optional<Integer> headDim,
            Optional<Integer> ffn,
            Optional<Boolean> tiedEmbedding,
            Optional<Double> ropeBase,
            Optional<Double> normEpsilon,
            Optional<Double> initialStandardDeviation) {
        DecoderConfig base = named(preset);
        return new DecoderConfig(
                layers.orElse(base.layers()),
                hidden.orElse(base.hidden()),
                heads.orElse(base.heads()),
                kvHeads.orElse(base.kvHeads()),
                headDim.orElse(base.headDim()),
                ffn.orElse(base.ffn()),
                vocabulary,
                tiedEmbedding.orElse(base.tiedEmbedding()),
                ropeBase.orElse(base.ropeBase()),
                normEpsilon.orElse(base.normEpsilon()),
                initialStandardDeviation.orElse(base.initialStandardDeviation()),
                base.gate());
    }

    private static DecoderConfig named(String preset) {
        try {
            return Presets.named(preset);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("preset: " + e.getMessage(), e);
        }
    }
}
