package org.sluice.jobs.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.fs.Path;
import org.sluice.cluster.RunFolder;
import org.sluice.model.checkpoint.Checkpoint;

/** A run in words. */
final class RunSummary {
    private RunSummary() {}

    static String of(RunFolder run) throws IOException {
        List<JsonNode> events = run.metrics().read();
        List<String> lines = new ArrayList<>();
        lines.add("run " + run);
        for (String variant : run.variants()) {
            lines.add("  " + variant + ": " + lastStep(events, variant));
            for (Path checkpoint : Checkpoint.newestFirst(run.hadoop(), run.checkpoints(variant))) {
                lines.add("    checkpoint " + checkpoint.getName());
            }
        }
        if (run.variants().isEmpty()) {
            lines.add("  no variant has been trained");
        }
        boolean reported = run.fileSystem().exists(run.reportHtml());
        lines.add(reported ? "  report " + run.reportHtml().toUri().getPath() : "  no report yet");
        return String.join(System.lineSeparator(), lines);
    }

    private static String lastStep(List<JsonNode> events, String variant) {
        return events.stream()
                .filter(event -> event.path("event").asText().equals("step"))
                .filter(event -> event.path("variant").asText().equals(variant))
                .reduce((earlier, later) -> later)
                .map(step -> String.format(
                        Locale.ROOT,
                        "%,d steps, %,d tokens, loss %.4f",
                        step.path("step").asLong(),
                        step.path("tokens").asLong(),
                        step.path("loss").asDouble()))
                .orElse("no step yet");
    }
}
