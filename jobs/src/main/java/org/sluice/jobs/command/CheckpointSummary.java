package org.sluice.jobs.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.sluice.experiments.report.ModelInWords;
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
        if (checkpoint.payload().has("imported")) {
            JsonNode imported = checkpoint.payload().path("imported");
            lines.add("  imported from " + imported.path("from").asText() + ", "
                    + imported.path("types").asText() + " in the format of "
                    + imported.path("format").asText());
        }
        if (checkpoint.payload().has("step")) {
            lines.add(training(checkpoint.payload()));
        }
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

    private static String training(JsonNode payload) {
        return String.format(
                Locale.ROOT,
                "  variant %s after round %s: %,d steps, %,d tokens, %,.0f s of training",
                payload.path("variant").asText(),
                payload.path("round").asText(),
                payload.path("step").asLong(),
                payload.path("tokens").asLong(),
                payload.path("trainSeconds").asDouble());
    }
}
