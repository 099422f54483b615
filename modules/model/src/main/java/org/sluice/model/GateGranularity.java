package org.sluice.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How many scores a gate has. */
public enum GateGranularity {
    /** One score for each value of each head: {@code [B, T, H, E]}. */
    ELEMENTWISE,
    /** One score for each head: {@code [B, T, H]}. */
    HEADWISE;

    /** The name in job files: {@code elementwise}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The granularity of that name.
     *
     * @throws IllegalArgumentException if there is none; the message lists those there are
     */
    public static GateGranularity named(String id) {
        return Arrays.stream(values())
                .filter(granularity -> granularity.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no gate granularity '" + id + "'; there are: "
                        + Arrays.stream(values()).map(GateGranularity::id).collect(Collectors.joining(", "))));
    }
}
