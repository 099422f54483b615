package org.sluice.experiments;

import java.util.List;
import java.util.stream.Stream;
import org.sluice.model.Nearest;

/** All that can be named in a job's {@code variants}: the plain variants, and the rows of the tables of arXiv 2505.06708. */
public final class Catalogue {
    private Catalogue() {}

    /** The rows of Tables 1 to 6, in their order. */
    public static List<CatalogueRow> rows() {
        return CatalogueTables.ALL;
    }

    /**
     * The row of that name.
     *
     * @throws IllegalArgumentException if there is none; the message says which are the nearest, and lists all
     */
    public static CatalogueRow row(String name) {
        List<String> names = rows().stream().map(CatalogueRow::name).toList();
        Nearest.requireKnown("row", name, names);
        return rows().get(names.indexOf(name));
    }

    /** The names of the plain variants, and then of the rows. */
    public static List<String> variantNames() {
        return Stream.concat(
                        Variant.all().stream().map(Variant::name),
                        rows().stream().map(CatalogueRow::name))
                .toList();
    }

    /**
     * The variant of a plain name or of a row's.
     *
     * @param contextLength the positions of a training sequence
     * @throws IllegalArgumentException if there is none; the message says which are the nearest, and lists the plain ones
     */
    public static Variant variant(String name, int contextLength) {
        if (!variantNames().contains(name)) {
            throw new IllegalArgumentException(unknown(name));
        }
        return rows().stream()
                .filter(row -> row.name().equals(name))
                .findFirst()
                .map(row -> row.variant(contextLength))
                .orElseGet(() -> Variant.named(name));
    }

    /** What is wrong with a name that there is not, in words: the nearest ones, and where to find all. */
    public static String unknown(String name) {
        List<String> plain = Variant.all().stream().map(Variant::name).toList();
        return "there is no variant '" + name + "'" + Nearest.suggestion(name, variantNames()) + " (there are: "
                + String.join(", ", plain) + ", and the rows of the paper's tables from "
                + rows().get(0).name() + " to " + rows().get(rows().size() - 1).name()
                + "; jobs/sluice inspect --list shows all)";
    }
}
