package org.sluice.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Where in the attention layer something is gated; the positions are those of arXiv 2505.06708, section 2.2. */
public enum GatePosition {
    /** G1: the output of scaled dot-product attention, before the output projection. */
    SDPA_OUTPUT("G1"),
    /** G2: the values, after their projection. */
    VALUE("G2"),
    /** G3: the keys, after their projection, before QK-norm. */
    KEY("G3"),
    /** G4: the queries, after their projection, before QK-norm. */
    QUERY("G4"),
    /** G5: the output of the attention layer, after the output projection. */
    DENSE_OUTPUT("G5");

    private final String paperName;

    GatePosition(String paperName) {
        this.paperName = paperName;
    }

    /** The name in job files: {@code sdpa_output}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The name in the paper: {@code G1}. */
    public String paperName() {
        return paperName;
    }

    /**
     * The position of that name.
     *
     * @throws IllegalArgumentException if there is none; the message lists those there are
     */
    public static GatePosition named(String id) {
        return Arrays.stream(values())
                .filter(position -> position.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no gate position '" + id + "'; there are: "
                        + Arrays.stream(values()).map(GatePosition::id).collect(Collectors.joining(", "))));
    }
}
