package org.sluice.experiments.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.sluice.model.DecoderConfig;

/** The shape of a model for a person to read. */
public final class ModelInWords {
    private ModelInWords() {}

    /** {@code 6 layers, hidden size 256, 4 query and 2 key/value heads of 64, feed-forward size 512, ...}. */
    public static String of(DecoderConfig model) {
        List<String> parts = new ArrayList<>();
        parts.add(model.layers() + " layers");
        parts.add("hidden size " + model.hidden());
        parts.add(model.heads() + " query and " + model.kvHeads() + " key/value heads of " + model.headDim());
        String experts = model.mixture().isPresent() ? model.mixture() + " of " : "";
        parts.add(experts + "feed-forward size " + model.ffn());
        parts.add(String.format(Locale.ROOT, "vocabulary %,d", model.vocabulary()));
        parts.add(model.tiedEmbedding() ? "tied embedding" : "untied embedding");
        parts.add("RoPE " + model.rope());
        parts.add("gate " + modifiers(model));
        if (model.sandwichNorm()) {
            parts.add("sandwich norm");
        }
        if (model.residualClip() > 0) {
            parts.add("residual clipped at " + model.residualClip());
        }
        return String.join(", ", parts);
    }

    /** What gates or changes attention: {@code sdpa_output elementwise and value elementwise}, or {@code none}. */
    public static String modifiers(DecoderConfig model) {
        return model.modifiers().isEmpty()
                ? "none"
                : model.modifiers().stream().map(Object::toString).collect(Collectors.joining(" and "));
    }
}
