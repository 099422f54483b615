package org.sluice.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
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

    /** All events in the order of the file; a last line that was cut off in writing is left out. */
    public List<JsonNode> read() throws IOException {
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

    /** Appends events and forces them to the storage. */
    public void append(List<? extends JsonNode> events) throws IOException {
        byte[] bytes = bytes(events);
        if (!fileSystem.exists(file)) {
            fileSystem.mkdirs(file.getParent());
            write(fileSystem.create(file, false), bytes);
            return;
        }
        FSDataOutputStream stream;
        try {
            stream = fileSystem.append(file);
        } catch (UnsupportedOperationException objectStore) {
            // A store without appending: the file is small, and is written anew.
            List<JsonNode> all = new ArrayList<>(read());
            all.addAll(events);
            write(fileSystem.create(file, true), bytes(all));
            return;
        }
        write(stream, bytes);
    }

    /**
     * Drops what a variant wrote after a step: all its lines that have a later {@code step}, or none. Lines of other variants stay.
     *
     * @param step the steps that were done at the checkpoint that training goes back to
     */
    public void dropAfter(String variant, long step) throws IOException {
        if (!fileSystem.exists(file)) {
            return;
        }
        List<JsonNode> kept = read().stream()
                .filter(event -> !variant.equals(event.path("variant").asText())
                        || event.path("step").asLong(Long.MAX_VALUE) <= step)
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

    private static void write(FSDataOutputStream stream, byte[] bytes) throws IOException {
        try (OutputStream closing = stream) {
            closing.write(bytes);
            stream.hflush();
        }
    }
}
