package org.sluice.experiments.report;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * The results of a run.
 *
 * @param name the run's name
 * @param variants side by side, in the order of the job file
 * @param provenance where they come from
 */
public record RunReport(String name, List<VariantReport> variants, Provenance provenance) {

    /** @throws IllegalArgumentException if there is no variant, or two have the same name */
    public RunReport {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(provenance, "provenance");
        variants = List.copyOf(variants);
        if (variants.isEmpty()) {
            throw new IllegalArgumentException("the report of run '" + name
                    + "' has no variant; there is nothing to report before one is trained and evaluated");
        }
        Set<String> names = new HashSet<>();
        for (VariantReport variant : variants) {
            if (!names.add(variant.name())) {
                throw new IllegalArgumentException(
                        "the report of run '" + name + "' has two variants named '" + variant.name() + "'");
            }
        }
    }
}
