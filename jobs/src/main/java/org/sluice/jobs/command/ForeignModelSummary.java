package org.sluice.jobs.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.sluice.experiments.report.ModelInWords;
import org.sluice.model.DecoderConfig;
import org.sluice.model.interchange.ForeignModel;

/** A model in the format of others in words. */
final class ForeignModelSummary {
    private ForeignModelSummary() {}

    static String of(String folder, ForeignModel foreign) {
        DecoderConfig model = foreign.model();
        List<String> lines = new ArrayList<>();
        lines.add("model " + folder + " in the format of " + foreign.format().readers(model)
                + ", every tensor as its config.json says");
        lines.add(String.format(
                Locale.ROOT,
                "  model: %,d parameters (%s), %s",
                model.parameters(),
                foreign.types().stream().map(Enum::name).collect(Collectors.joining(", ")),
                ModelInWords.of(model)));
        lines.add("  files: " + String.join(", ", foreign.files()));
        return String.join(System.lineSeparator(), lines);
    }
}
