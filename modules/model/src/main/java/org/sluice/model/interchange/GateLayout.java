package org.sluice.model.interchange;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Where a file keeps the weight of the gate on the output of attention. */
public enum GateLayout {
    /**
     * In {@code q_proj}, behind the queries of each key/value head: {@code [group * E queries | gate]}, the gate with {@code group} rows
     * headwise and {@code group * E} elementwise. That of the authors of arXiv 2505.06708, and of Megatron.
     */
    PER_GROUP,
    /** In {@code q_proj}, behind the queries of each head: {@code [E queries | E gate]}. That of Hugging Face's Qwen3-Next. */
    PER_HEAD,
    /** A projection of its own, {@code gate_proj}. */
    SEPARATE;

    /** The name on the command line: {@code per-group}. */
    public String id() {
        return key().replace('_', '-');
    }

    /** The name in {@code config.json}: {@code per_group}. */
    String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The layout of that name.
     *
     * @throws IllegalArgumentException if there is none; the message lists those there are
     */
    public static GateLayout named(String id) {
        return Arrays.stream(values())
                .filter(layout -> layout.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no gate layout '" + id + "'; there are: "
                        + Arrays.stream(values()).map(GateLayout::id).collect(Collectors.joining(", "))));
    }
}
