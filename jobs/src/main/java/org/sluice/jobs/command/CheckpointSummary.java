package org.sluice.jobs.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.sluice.experiments.ModelInWords;
import org.sluice.model.DecoderConfig;
import org.sluice.model.checkpoint.Checkpoint;
import org.sluice.model.checkpoint.FileRecord;

/** A checkpoint in words. */
final class CheckpointSummary {
    private CheckpointSummary() {}

    static String of(Checkpoint checkpoint) {
        DecoderConfig model = checkpoint.model();
        List<String> lines = new ArrayList<>();
        lines.add("checkpoint " + checkpoint.folder() + ", every SHA-256 as it should be");
        lines.add(String.format(
                Locale.ROOT,
                "  variant %s after round %s: %,d steps, %,d tokens, %,.0f s of training",
                checkpoint.payload().path("variant").asText(),
                checkpoint.payload().path("round").asText(),
                checkpoint.payload().path("step").asLong(),
                checkpoint.payload().path("tokens").asLong(),
                checkpoint.payload().path("trainSeconds").asDouble()));
        lines.add(String.format(
                Locale.ROOT,
                "  model: %,d parameters (%s), %s",
                model.parameters(),
                checkpoint.parameterType(),
                ModelInWords.of(model)));
        lines.add("  files:");
        for (FileRecord file : checkpoint.files()) {
            lines.add(String.format(Locale.ROOT, "    %-40s %,15d bytes", file.name(), file.length()));
        }
        return String.join(System.lineSeparator(), lines);
    }
}
