package org.sluice.jobs.inspect;

import java.util.Locale;
import java.util.Optional;
import org.sluice.experiments.CatalogueRow;

/**
 * A name that stands for a model, and what it stands for.
 *
 * @param row the row of the paper's tables that it is
 */
record NamedModel(String name, Kind kind, String description, Optional<CatalogueRow> row) {

    /** What a name can be. */
    enum Kind {
        /** The shape of a model without modifiers. */
        PRESET,
        /** A change to a preset. */
        VARIANT,
        /** A row of the paper's tables: a preset, a change and how it was trained. */
        ROW;

        String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static NamedModel of(CatalogueRow row) {
        return new NamedModel(row.name(), Kind.ROW, row.description(), Optional.of(row));
    }
}
