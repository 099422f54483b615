package org.sluice.jobs.inspect;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sluice.experiments.Catalogue;
import org.sluice.experiments.CatalogueRow;
import org.sluice.experiments.Variant;
import org.sluice.experiments.report.ModelInWords;
import org.sluice.model.DecoderConfig;
import org.sluice.model.ModelScale;
import org.sluice.model.Presets;

/** All names that stand for a model: the presets, the variants, and the rows of the paper's tables. */
final class NamedModels {
    private static final int PAPER_LENGTH = 4096;
    private static final int OTHER_LENGTH = 1024;

    static final List<NamedModel> ALL = all();

    private NamedModels() {}

    private static List<NamedModel> all() {
        List<NamedModel> all = new ArrayList<>();
        for (String preset : Presets.names()) {
            all.add(new NamedModel(
                    preset, NamedModel.Kind.PRESET, ModelInWords.of(Presets.named(preset)), Optional.empty()));
        }
        for (Variant variant : Variant.all()) {
            all.add(new NamedModel(variant.name(), NamedModel.Kind.VARIANT, variant.description(), Optional.empty()));
        }
        Catalogue.rows().forEach(row -> all.add(NamedModel.of(row)));
        return List.copyOf(all);
    }

    static List<String> names() {
        return ALL.stream().map(NamedModel::name).toList();
    }

    /**
     * The model of a name.
     *
     * @param preset what a variant changes
     * @throws IllegalArgumentException if there is no such model
     */
    static InspectedModel model(String name, ModelScale scale, String preset, Optional<Integer> length) {
        NamedModel entry = ALL.get(names().indexOf(name));
        if (entry.row().isPresent()) {
            CatalogueRow row = entry.row().get();
            DecoderConfig base = Presets.named(row.preset(), scale);
            return new InspectedModel(
                    entry,
                    row.preset() + ", " + scale.id(),
                    base,
                    row.model(scale),
                    length.orElse(row.contextLength(scale)));
        }
        String ofPreset = entry.kind() == NamedModel.Kind.PRESET ? name : preset;
        DecoderConfig base = Presets.named(ofPreset, scale);
        DecoderConfig model = entry.kind() == NamedModel.Kind.PRESET
                ? base
                : Variant.named(name).of(base, !base.mixture().isPresent());
        return new InspectedModel(
                entry, ofPreset + ", " + scale.id(), base, model, length.orElse(usualLength(ofPreset, base)));
    }

    /** The paper's, in proportion to the hidden size. */
    private static int usualLength(String preset, DecoderConfig model) {
        return Presets.families().contains(preset)
                ? PAPER_LENGTH * model.hidden() / Presets.named(preset).hidden()
                : OTHER_LENGTH;
    }
}
