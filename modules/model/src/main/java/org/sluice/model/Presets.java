package org.sluice.model;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Model shapes that have a name. None has a gate; {@link DecoderConfig#withModifiers} adds one.
 *
 * <p>The three models of arXiv 2505.06708, Table 7, are families: a member of each {@link ModelScale} has the same ratios of query to
 * key/value heads, of query width and of feed-forward size to hidden size, and of experts to chosen ones. Of a family's small vocabularies
 * nothing depends: a job's tokenizer brings its own.
 */
public final class Presets {
    private static final RopeConfig ROPE = RopeConfig.of(10_000);
    private static final double NORM_EPSILON = 1e-6;
    private static final double INITIAL_STANDARD_DEVIATION = 0.02;
    private static final int VOCABULARY = 151_936;

    /** arXiv 2505.06708, Table 7, 28 layers: 1,720,574,976 parameters. */
    public static final DecoderConfig DENSE_1_7B_28L = dense(28, 2048, 16, 8, 128, 6144, VOCABULARY, true);

    /** arXiv 2505.06708, Table 7, 48 layers: 1,705,735,680 parameters. */
    public static final DecoderConfig DENSE_1_7B_48L = dense(48, 1536, 16, 8, 128, 4608, VOCABULARY, true);

    /** arXiv 2505.06708, Table 7, mixture of experts: 15,577,227,264 parameters, of which a token meets 1,987,682,304. */
    public static final DecoderConfig MOE_15A2B = mixture(24, 2048, 32, 4, 128, 768, 128, 8, VOCABULARY);

    /** What speed is measured on: 13.8M parameters, no grouped heads, untied. */
    public static final DecoderConfig BENCH = dense(6, 384, 6, 6, 64, 1024, 4096, false);

    /** For tests and first steps: under a million parameters, every feature of the large models in it. */
    public static final DecoderConfig TINY = dense(4, 128, 4, 2, 32, 256, 2048, true);

    /** What the quickstart trains on two cores in minutes: 5.6M parameters. */
    public static final DecoderConfig SMALL = dense(6, 256, 4, 2, 64, 512, 8192, true);

    /** For an overnight run on a server's cores: 43.8M parameters. */
    public static final DecoderConfig MEDIUM = dense(12, 512, 8, 4, 64, 1408, 16_384, true);

    private static final Map<String, Map<ModelScale, DecoderConfig>> BY_NAME = byName();

    private Presets() {}

    /**
     * The preset of that name, at full size.
     *
     * @throws IllegalArgumentException if there is none; the message says which are the nearest and lists all
     */
    public static DecoderConfig named(String name) {
        return named(name, ModelScale.FULL);
    }

    /**
     * The member of a family.
     *
     * @throws IllegalArgumentException if there is no preset of that name, or it has no such scale
     */
    public static DecoderConfig named(String name, ModelScale scale) {
        Nearest.requireKnown("model preset", name, names());
        DecoderConfig preset = BY_NAME.get(name).get(scale);
        if (preset == null) {
            throw new IllegalArgumentException("scale '" + scale.id() + "' is not there for the preset '" + name
                    + "', which has one size only; presets with scales: " + String.join(", ", families()));
        }
        return preset;
    }

    /** All names, smallest model first. */
    public static List<String> names() {
        return new ArrayList<>(BY_NAME.keySet());
    }

    /** The names of the presets that come in every scale: the models of the paper. */
    public static List<String> families() {
        return names().stream()
                .filter(name -> BY_NAME.get(name).size() == ModelScale.values().length)
                .toList();
    }

    private static Map<String, Map<ModelScale, DecoderConfig>> byName() {
        Map<String, Map<ModelScale, DecoderConfig>> presets = new LinkedHashMap<>();
        presets.put("tiny", Map.of(ModelScale.FULL, TINY));
        presets.put("small", Map.of(ModelScale.FULL, SMALL));
        presets.put("bench", Map.of(ModelScale.FULL, BENCH));
        presets.put("medium", Map.of(ModelScale.FULL, MEDIUM));
        presets.put(
                "dense-1.7b-28l",
                family(
                        DENSE_1_7B_28L,
                        dense(14, 512, 8, 4, 64, 1536, 16_384, true),
                        dense(7, 256, 4, 2, 64, 768, 8192, true),
                        dense(4, 128, 4, 2, 32, 384, 2048, true)));
        presets.put(
                "dense-1.7b-48l",
                family(
                        DENSE_1_7B_48L,
                        dense(24, 384, 8, 4, 64, 1152, 16_384, true),
                        dense(12, 192, 4, 2, 64, 576, 8192, true),
                        dense(6, 96, 4, 2, 32, 288, 2048, true)));
        presets.put(
                "moe-15a2b",
                family(
                        MOE_15A2B,
                        mixture(12, 512, 16, 2, 64, 192, 64, 4, 16_384),
                        mixture(6, 256, 8, 1, 64, 96, 32, 2, 8192),
                        mixture(3, 128, 8, 1, 32, 48, 32, 2, 2048)));
        return presets;
    }

    private static Map<ModelScale, DecoderConfig> family(
            DecoderConfig full, DecoderConfig medium, DecoderConfig small, DecoderConfig tiny) {
        Map<ModelScale, DecoderConfig> family = new EnumMap<>(ModelScale.class);
        family.put(ModelScale.FULL, full);
        family.put(ModelScale.MEDIUM, medium);
        family.put(ModelScale.SMALL, small);
        family.put(ModelScale.TINY, tiny);
        return family;
    }

    private static DecoderConfig mixture(
            int layers,
            int hidden,
            int heads,
            int kvHeads,
            int headDim,
            int ffn,
            int experts,
            int chosen,
            int vocabulary) {
        return dense(layers, hidden, heads, kvHeads, headDim, ffn, vocabulary, false)
                .change()
                .mixture(MixtureConfig.of(experts, chosen))
                .build();
    }

    private static DecoderConfig dense(
            int layers, int hidden, int heads, int kvHeads, int headDim, int ffn, int vocabulary, boolean tied) {
        return new DecoderConfig(
                layers,
                hidden,
                heads,
                kvHeads,
                headDim,
                ffn,
                MixtureConfig.DENSE,
                vocabulary,
                tied,
                ROPE,
                NORM_EPSILON,
                INITIAL_STANDARD_DEVIATION,
                List.of(),
                false,
                0);
    }
}
