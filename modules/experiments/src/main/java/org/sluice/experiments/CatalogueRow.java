package org.sluice.experiments;

import java.util.function.UnaryOperator;
import org.sluice.model.DecoderConfig;
import org.sluice.model.ModelScale;
import org.sluice.model.Presets;
import org.sluice.model.RopeConfig;

/**
 * A row of a table of arXiv 2505.06708.
 *
 * @param name {@code table1-05-sdpa-elementwise}
 * @param table its number, 1 to 6
 * @param preset the model that the row changes
 * @param variant the change to it
 * @param context what the row does to the model's position embedding
 * @param training how the paper trained it
 * @param learningRateFactor its learning rate, divided by the lowest one of the rows that are alike but for the learning rate
 * @param result what the paper found, in words
 */
public record CatalogueRow(
        String name,
        int table,
        String preset,
        Variant variant,
        Context context,
        PaperTraining training,
        double learningRateFactor,
        String result) {
    private static final double LONG_CONTEXT_BASE = 1e6;
    private static final double YARN_FACTOR = 4;

    /** What becomes of the rotary position embedding. */
    public enum Context {
        /** It stays as it is. */
        UNCHANGED,
        /** Its base becomes 10^6, for the sequences that the model is trained on next. */
        EXTENDED,
        /** In addition YaRN, for four times the sequences that the model is trained on. */
        EXTENDED_WITH_YARN
    }

    /** Whether gated rows have narrower feed-forward layers, to have the baseline's parameters: in the paper so for dense models. */
    public boolean equalParameters() {
        return !Presets.named(preset).mixture().isPresent();
    }

    /** The model of the row, at that scale. */
    public DecoderConfig model(ModelScale scale) {
        return variant(contextLength(scale)).of(Presets.named(preset, scale), equalParameters());
    }

    /** The positions of a training sequence: the paper's, and for smaller models less in proportion to the hidden size. */
    public int contextLength(ModelScale scale) {
        long hidden = Presets.named(preset, scale).hidden();
        return Math.toIntExact(
                training.contextLength() * hidden / Presets.named(preset).hidden());
    }

    /**
     * The change that the row makes to a model, under the row's name.
     *
     * @param contextLength the positions of a training sequence, from which YaRN extends
     */
    public Variant variant(int contextLength) {
        UnaryOperator<DecoderConfig> change = model -> variant.change().apply(extended(model, contextLength));
        return new Variant(name, description(), change, variant.reference(), learningRateFactor);
    }

    private DecoderConfig extended(DecoderConfig model, int contextLength) {
        RopeConfig rope =
                switch (context) {
                    case UNCHANGED -> model.rope();
                    case EXTENDED -> RopeConfig.of(LONG_CONTEXT_BASE);
                    case EXTENDED_WITH_YARN ->
                        new RopeConfig(LONG_CONTEXT_BASE, RopeConfig.Yarn.of(YARN_FACTOR, contextLength));
                };
        return model.change().rope(rope).build();
    }

    /** What the row is, in words: the change, and what is special about the training. */
    public String description() {
        String extension =
                switch (context) {
                    case UNCHANGED -> "";
                    case EXTENDED -> "; RoPE base 1M";
                    case EXTENDED_WITH_YARN -> "; RoPE base 1M and YaRN factor 4";
                };
        String rate = learningRateFactor == 1
                ? ""
                : "; learning rate " + Math.round(learningRateFactor * 100) / 100.0 + " times the lower one";
        return variant.description() + extension + rate;
    }
}
