package org.sluice.model.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;

/**
 * What a checkpoint's {@code manifest.json} says.
 *
 * @param files all files but the manifest and the marker, by name
 * @param payload the caller's own
 */
record Manifest(Map<String, FileRecord> files, JsonNode payload) {
    private static final String FORMAT = "sluice-checkpoint";
    private static final int VERSION = 1;
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /**
     * @throws IllegalArgumentException if two files have the same name
     */
    static Manifest of(List<FileRecord> records, JsonNode payload) {
        Map<String, FileRecord> files = new LinkedHashMap<>();
        for (FileRecord file : records) {
            if (files.put(file.name(), file) != null) {
                throw new IllegalArgumentException("two files of the checkpoint are named " + file.name());
            }
        }
        return new Manifest(Collections.unmodifiableMap(files), payload);
    }

    byte[] toBytes() {
        ObjectNode root = JSON.createObjectNode();
        root.put("format", FORMAT).put("version", VERSION);
        for (FileRecord file : files.values()) {
            root.withArray("files")
                    .addObject()
                    .put("name", file.name())
                    .put("length", file.length())
                    .put("sha256", file.sha256());
        }
        root.set("payload", payload);
        try {
            return JSON.writeValueAsBytes(root);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a JSON tree could not be written as JSON", impossible);
        }
    }

    /**
     * @param path for messages
     * @throws CheckpointFormatException if it is not a manifest of this version
     */
    static Manifest parse(byte[] bytes, Path path) throws CheckpointFormatException {
        JsonNode root;
        try {
            root = JSON.readTree(bytes);
        } catch (IOException notJson) {
            throw new CheckpointFormatException(path + " is not JSON: " + notJson.getMessage(), notJson);
        }
        if (!FORMAT.equals(root.path("format").asText())
                || !root.path("version").isInt()) {
            throw new CheckpointFormatException(path + " is not the manifest of a Sluice checkpoint: its format is '"
                    + root.path("format").asText() + "', expected '" + FORMAT + "'");
        }
        if (root.path("version").asInt() != VERSION) {
            throw new CheckpointFormatException(path + " has version "
                    + root.path("version").asInt() + " of the checkpoint format; this Sluice reads version " + VERSION
                    + ", so open it with the Sluice that wrote it");
        }
        try {
            List<FileRecord> files = JSON.convertValue(
                    root.path("files"), JSON.getTypeFactory().constructCollectionType(List.class, FileRecord.class));
            return of(files, root.path("payload"));
        } catch (IllegalArgumentException malformed) {
            throw new CheckpointFormatException(
                    path + " lists its files in a way that cannot be read: " + malformed.getMessage(), malformed);
        }
    }
}
