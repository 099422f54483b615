package org.sluice.model.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The file that says which tensor lies in which file, where a model has several, and how those files are named: as Hugging Face does. */
public final class SafetensorsIndex {
    /** The index file's own name. */
    public static final String NAME = "model.safetensors.index.json";

    /** The name of a model's only file. */
    public static final String SINGLE = "model.safetensors";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String WEIGHT_MAP = "weight_map";

    private SafetensorsIndex() {}

    /**
     * The name of one of a model's files.
     *
     * @param file from 0
     * @param files how many there are
     */
    public static String fileName(int file, int files) {
        return files == 1 ? SINGLE : String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", file + 1, files);
    }

    /** The bytes of the index of these files, by their names. */
    public static byte[] write(Map<String, SafetensorsHeader> files) {
        ObjectNode root = JSON.createObjectNode();
        long total =
                files.values().stream().mapToLong(SafetensorsHeader::dataLength).sum();
        root.putObject("metadata").put("total_size", total);
        ObjectNode map = root.putObject(WEIGHT_MAP);
        files.forEach((file, header) -> header.tensors().forEach(tensor -> map.put(tensor.name(), file)));
        return ModelConfigJson.bytes(root);
    }

    /**
     * Reads an index.
     *
     * @param name for messages
     * @return the file of each tensor, in the order of the index
     * @throws CheckpointFormatException if it is no index, or names a file that is not beside it
     */
    public static Map<String, String> read(byte[] bytes, String name) throws CheckpointFormatException {
        JsonNode map;
        try {
            map = JSON.readTree(bytes).path(WEIGHT_MAP);
        } catch (IOException notJson) {
            throw new CheckpointFormatException(name + " is not JSON: " + notJson.getMessage(), notJson);
        }
        if (!map.isObject() || map.isEmpty()) {
            throw new CheckpointFormatException(
                    name + " has no " + WEIGHT_MAP + ", which says in which file each tensor lies");
        }
        Map<String, String> files = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            String file = entry.getValue().asText();
            if (!file.matches("[A-Za-z0-9_-][A-Za-z0-9._-]*\\.safetensors")) {
                throw new CheckpointFormatException(name + " puts the tensor " + entry.getKey() + " into '" + file
                        + "', which is not the name of a safetensors file beside it");
            }
            files.put(entry.getKey(), file);
        }
        return files;
    }
}
