package org.sluice.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Where in the attention layer the gate is applied; the positions are those of arXiv 2505.06708, section 2.2. */
public enum GatePosition {
    /** There is no gate. */
    NONE,
    /** G1: on the output of scaled dot-product attention, before the output projection. */
    SDPA_OUTPUT;

    /** The name in job files: {@code sdpa_output}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
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
