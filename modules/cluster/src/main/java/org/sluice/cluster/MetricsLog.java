package org.sluice.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The file {@code metrics.jsonl} of a run: one JSON object a line. Each has {@code event}, {@code variant} and {@code step}, the number of
 * steps that were done then; so lines behind a checkpoint can be dropped when training goes back to it.
 *
 * <p>Variants of a run write into it one after the other. It is written by one process at a time.
 */
public final class MetricsLog {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final FileSystem fileSystem;
    private final Path file;

    MetricsLog(FileSystem fileSystem, Path file) {
        this.fileSystem = fileSystem;
        this.file = file;
    }

    /**
     * All events in the order in which training came to them; a last line that was cut off in writing is left out.
     *
     * <p>That is the order of the file, but for checkpoints: they are written while training goes on, and so told of behind later steps. Each is
     * put back behind the lines of its own step.
     */
    public List<JsonNode> read() throws IOException {
        List<JsonNode> events = new ArrayList<>();
        for (JsonNode event : inFileOrder()) {
            events.add(
                    event.path("event").asText().equals("checkpoint") ? placeOf(event, events) : events.size(), event);
        }
        return events;
    }

    private static int placeOf(JsonNode checkpoint, List<JsonNode> events) {
        int place = events.size();
        while (place > 0 && isLater(events.get(place - 1), checkpoint)) {
            place--;
        }
        return place;
    }

    private static boolean isLater(JsonNode event, JsonNode checkpoint) {
        return event.path("variant").equals(checkpoint.path("variant"))
                && event.path("step").asLong() > checkpoint.path("step").asLong();
    }

    private List<JsonNode> inFileOrder() throws IOException {
        List<JsonNode> events = new ArrayList<>();
        List<String> lines = lines();
        for (int at = 0; at < lines.size(); at++) {
            try {
                events.add(JSON.readTree(lines.get(at)));
            } catch (JsonProcessingException damaged) {
                if (at + 1 < lines.size()) {
                    throw new IOException(
                            "line " + (at + 1) + " of " + file + " is not JSON: " + damaged.getOriginalMessage()
                                    + "; remove that line",
                            damaged);
                }
            }
        }
        return events;
    }

    /**
     * Appends events and forces them to the storage. Where files cannot be appended to, as in object stores, the file is written anew with them.
     */
    public void append(List<? extends JsonNode> events) throws IOException {
        if (!fileSystem.exists(file)) {
            fileSystem.mkdirs(file.getParent());
            FileReplacement.write(fileSystem.create(file, false), bytes(events));
        } else if (FileReplacement.canAppend(fileSystem, file)) {
            FileReplacement.write(fileSystem.append(file), bytes(events));
        } else {
            List<JsonNode> all = new ArrayList<>(read());
            all.addAll(events);
            FileReplacement.replace(fileSystem, file, bytes(all));
        }
    }

    /**
     * Drops what a variant wrote after a checkpoint: all its lines that have a later {@code step} or {@code round}, or no step. Lines of
     * other variants stay.
     *
     * @param checkpoint what was done at the checkpoint that training goes back to
     */
    public void dropAfter(String variant, Progress checkpoint) throws IOException {
        if (!fileSystem.exists(file)) {
            return;
        }
        List<JsonNode> kept = read().stream()
                .filter(event -> !variant.equals(event.path("variant").asText())
                        || (event.path("step").asLong(Long.MAX_VALUE) <= checkpoint.step()
                                && event.path("round").asLong(0) <= checkpoint.round()))
                .toList();
        FileReplacement.replace(fileSystem, file, bytes(kept));
    }

    private List<String> lines() throws IOException {
        if (!fileSystem.exists(file)) {
            return List.of();
        }
        try (FSDataInputStream stream = fileSystem.open(file)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank())
                    .toList();
        }
    }

    private static byte[] bytes(List<? extends JsonNode> events) throws IOException {
        StringBuilder text = new StringBuilder();
        for (JsonNode event : events) {
            text.append(JSON.writeValueAsString(event)).append('\n');
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }
}
