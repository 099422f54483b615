package org.sluice.model;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Model shapes that have a name. None has a gate; {@link DecoderConfig#withGate} adds one. */
public final class Presets {
    private static final double ROPE_BASE = 10_000;
    private static final double NORM_EPSILON = 1e-6;
    private static final double INITIAL_STANDARD_DEVIATION = 0.02;

    /** arXiv 2505.06708, Table 7, 28 layers: 1,720,574,976 parameters. */
    public static final DecoderConfig DENSE_1_7B_28L = dense(28, 2048, 16, 8, 128, 6144, 151_936, true);

    /** arXiv 2505.06708, Table 7, 48 layers: 1,705,735,680 parameters. */
    public static final DecoderConfig DENSE_1_7B_48L = dense(48, 1536, 16, 8, 128, 4608, 151_936, true);

    /** What speed is measured on: 13.8M parameters, no grouped heads, untied. */
    public static final DecoderConfig BENCH = dense(6, 384, 6, 6, 64, 1024, 4096, false);

    /** For tests and first steps: under a million parameters, every feature of the large models in it. */
    public static final DecoderConfig TINY = dense(4, 128, 4, 2, 32, 256, 2048, true);

    /** What the quickstart trains on two cores in minutes: 5.6M parameters. */
    public static final DecoderConfig SMALL = dense(6, 256, 4, 2, 64, 512, 8192, true);

    /** For an overnight run on a server's cores: 43.8M parameters. */
    public static final DecoderConfig MEDIUM = dense(12, 512, 8, 4, 64, 1408, 16_384, true);

    private static final Map<String, DecoderConfig> BY_NAME = byName();

    private Presets() {}

    /**
     * The preset of that name.
     *
     * @throws IllegalArgumentException if there is none; the message says which is the nearest and lists all
     */
    public static DecoderConfig named(String name) {
        DecoderConfig preset = BY_NAME.get(name);
        if (preset == null) {
            String nearest = names().stream()
                    .min(Comparator.comparingInt(known -> editDistance(known, name)))
                    .orElseThrow();
            throw new IllegalArgumentException("there is no model preset '" + name + "'; did you mean '" + nearest
                    + "'? There are: " + String.join(", ", names()));
        }
        return preset;
    }

    /** All names, smallest model first. */
    public static List<String> names() {
        return new ArrayList<>(BY_NAME.keySet());
    }

    private static Map<String, DecoderConfig> byName() {
        Map<String, DecoderConfig> presets = new LinkedHashMap<>();
        presets.put("tiny", TINY);
        presets.put("small", SMALL);
        presets.put("bench", BENCH);
        presets.put("medium", MEDIUM);
        presets.put("dense-1.7b-28l", DENSE_1_7B_28L);
        presets.put("dense-1.7b-48l", DENSE_1_7B_48L);
        return presets;
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
                vocabulary,
                tied,
                ROPE_BASE,
                NORM_EPSILON,
                INITIAL_STANDARD_DEVIATION,
                GateConfig.NONE);
    }

    /** Levenshtein's distance, a row of the table at a time. */
    private static int editDistance(String left, String right) {
        int[] row = new int[right.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= left.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int substituted = diagonal + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[right.length()];
    }
}
