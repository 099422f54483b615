package org.sluice.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** The JSON of manifests and of the configuration in them. Equal values give equal bytes. */
final class ManifestFormat {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();

    private ManifestFormat() {}

    static byte[] bytes(Object value) {
        try {
            return JSON.writeValueAsString(value).getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record of plain values can always be written", e);
        }
    }

    /** @throws DatasetException if the manifest is of another version or damaged */
    static DatasetManifest parse(byte[] json, String file) {
        try {
            JsonNode root = JSON.readTree(json);
            JsonNode version = root.path("formatVersion");
            if (!version.isInt()) {
                throw new DatasetException(file + " has no format version; it is not the manifest of a dataset");
            }
            if (version.intValue() != DatasetManifest.FORMAT_VERSION) {
                throw new DatasetException(file + " is of format version " + version.intValue()
                        + "; this release reads version " + DatasetManifest.FORMAT_VERSION
                        + ". Prepare the dataset again, or use the release that wrote it");
            }
            return JSON.treeToValue(root, DatasetManifest.class);
        } catch (IOException e) {
            throw new DatasetException(file + " is damaged: " + e.getMessage() + "; prepare the dataset again", e);
        }
    }
}
