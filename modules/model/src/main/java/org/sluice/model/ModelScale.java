package org.sluice.model;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How large a model of a family is: the paper's size, or a smaller one with the same shape ratios. */
public enum ModelScale {
    /** The size of arXiv 2505.06708, Table 7. */
    FULL,
    /** For a server's cores, hours to days. */
    MEDIUM,
    /** For a few cores, minutes to hours. */
    SMALL,
    /** For tests and first looks, seconds to minutes. */
    TINY;

    /** The name in job files: {@code medium}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** All names, largest first. */
    public static List<String> ids() {
        return Arrays.stream(values()).map(ModelScale::id).toList();
    }

    /**
     * The scale of that name.
     *
     * @throws IllegalArgumentException if there is none; the message says which is the nearest and lists all
     */
    public static ModelScale named(String id) {
        Nearest.requireKnown("scale", id, ids());
        return valueOf(id.toUpperCase(Locale.ROOT));
    }
}
