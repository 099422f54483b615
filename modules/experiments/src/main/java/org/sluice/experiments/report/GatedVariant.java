package org.sluice.experiments.report;

import java.util.ArrayList;
import java.util.List;
import org.sluice.evaluation.GateFigures;

/**
 * One gate of one variant.
 *
 * @param index of the variant, which decides its colour
 * @param variant it
 * @param gate one of its gates
 */
record GatedVariant(int index, VariantReport variant, GateFigures gate) {

    /** All gates of all variants, in their order. */
    static List<GatedVariant> all(RunReport report) {
        List<GatedVariant> all = new ArrayList<>();
        for (int index = 0; index < report.variants().size(); index++) {
            VariantReport variant = report.variants().get(index);
            for (GateFigures gate : variant.trained().gates()) {
                all.add(new GatedVariant(index, variant, gate));
            }
        }
        return all;
    }

    /** The gate in the paper's words and the job file's: {@code G1 sdpa_output elementwise}. */
    String inWords() {
        return gate.position().paperName() + " " + gate.description();
    }

    int layers() {
        return gate.meanScorePerLayer().size();
    }
}
