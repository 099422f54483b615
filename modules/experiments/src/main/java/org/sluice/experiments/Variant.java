package org.sluice.experiments;

import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.commons.text.similarity.LevenshteinDistance;
import org.sluice.model.DecoderConfig;
import org.sluice.model.GateConfig;

/**
 * A named change to a model, after the rows of arXiv 2505.06708.
 *
 * @param name what a job file calls it
 * @param description in words
 * @param gate the gate that the model gets in place of its own
 */
public record Variant(String name, String description, GateConfig gate) implements Serializable {
    /** What a narrowed feed-forward size is a multiple of: matrix products are slow on odd sizes. */
    static final int FFN_MULTIPLE = 8;

    private static final List<Variant> ALL = List.of(
            new Variant("baseline", "no gate", GateConfig.NONE),
            new Variant(
                    "sdpa-elementwise",
                    "G1: a sigmoid gate for each value of each head's output",
                    GateConfig.SDPA_ELEMENTWISE),
            new Variant("sdpa-headwise", "G1: one sigmoid gate for each head's output", GateConfig.SDPA_HEADWISE));

    /** All variants in the order of the catalogue. */
    public static List<Variant> all() {
        return ALL;
    }

    /**
     * The variant of that name.
     *
     * @throws IllegalArgumentException if there is none; the message says which are the nearest, and lists all
     */
    public static Variant named(String name) {
        return ALL.stream()
                .filter(variant -> variant.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "there is no variant '" + name + "'; did you mean " + nearest(name) + "? There are: "
                                + ALL.stream().map(Variant::name).collect(Collectors.joining(", "))));
    }

    /**
     * This variant of a model.
     *
     * @param base the model; its own gate, if it has one, is replaced
     * @param equalParameters whether feed-forward layers are narrowed, in steps of 8, so that the variant has as nearly as possible the
     *     parameters of the base without a gate
     * @throws IllegalArgumentException if the gate has more parameters than narrowing can make up for
     */
    public DecoderConfig of(DecoderConfig base, boolean equalParameters) {
        DecoderConfig ungated = base.withGate(GateConfig.NONE);
        DecoderConfig changed = base.withGate(gate);
        return equalParameters && gate.isPresent() ? changed.narrowedTo(ungated.parameters(), FFN_MULTIPLE) : changed;
    }

    private static String nearest(String name) {
        return ALL.stream()
                .map(Variant::name)
                .sorted(Comparator.comparingInt(
                        known -> LevenshteinDistance.getDefaultInstance().apply(known, name)))
                .limit(2)
                .map(known -> "'" + known + "'")
                .collect(Collectors.joining(" or "));
    }
}
