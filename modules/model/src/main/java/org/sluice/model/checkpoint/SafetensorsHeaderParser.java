package org.sluice.model.checkpoint;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.sluice.tensor.Shape;

/** Reads the JSON of a safetensors header and checks that it fits the file: no tensor outside, over another, or of the wrong size. */
final class SafetensorsHeaderParser {
    private static final ObjectMapper JSON = new ObjectMapper().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

    private final String file;

    /**
     * @param file for messages
     */
    SafetensorsHeaderParser(String file) {
        this.file = file;
    }

    /**
     * @param dataLength the bytes that the file has behind its header
     * @throws CheckpointCorruptException if the header does not describe them
     * @throws CheckpointFormatException if a tensor has a type or shape that Sluice does not have
     */
    SafetensorsHeader parse(byte[] json, long dataLength) throws IOException {
        JsonNode root;
        try {
            root = JSON.readTree(json);
        } catch (IOException notJson) {
            throw corrupt("its header is not JSON: " + notJson.getMessage());
        }
        if (!root.isObject()) {
            throw corrupt("its header is not a JSON object");
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        List<SafetensorsTensor> tensors = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : root.properties()) {
            if (field.getKey().equals(SafetensorsHeader.METADATA_KEY)) {
                field.getValue()
                        .properties()
                        .forEach(text ->
                                metadata.put(text.getKey(), text.getValue().asText()));
            } else {
                tensors.add(tensor(field.getKey(), field.getValue()));
            }
        }
        tensors.sort(Comparator.comparingLong(SafetensorsTensor::begin));
        requireWithoutGaps(tensors, dataLength);
        return new SafetensorsHeader(tensors, metadata);
    }

    private SafetensorsTensor tensor(String name, JsonNode node) throws IOException {
        String type = node.path("dtype").asText();
        SafetensorsType known = SafetensorsType.named(type)
                .orElseThrow(() -> new CheckpointFormatException(file + ": tensor " + name + " has the type '" + type
                        + "', which Sluice does not read; it reads " + SafetensorsType.names()));
        JsonNode offsets = node.path("data_offsets");
        if (offsets.size() != 2 || !isLong(offsets.get(0)) || !isLong(offsets.get(1))) {
            throw corrupt("tensor " + name + " has data_offsets " + offsets + "; expected two integers");
        }
        SafetensorsTensor tensor = new SafetensorsTensor(
                name, known, shape(name, node), offsets.get(0).asLong());
        long end = offsets.get(1).asLong();
        if (tensor.begin() < 0 || end - tensor.begin() != tensor.length()) {
            throw corrupt("tensor " + name + " of shape " + tensor.shape() + " and type " + type + " takes "
                    + tensor.length() + " bytes, but its data_offsets are " + offsets);
        }
        return tensor;
    }

    /** A fraction would be cut to a whole number without a word. */
    private static boolean isLong(JsonNode number) {
        return number.isIntegralNumber() && number.canConvertToLong();
    }

    private Shape shape(String name, JsonNode node) throws IOException {
        JsonNode dimensions = node.path("shape");
        long[] sizes = new long[dimensions.size()];
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = isLong(dimensions.get(i)) ? dimensions.get(i).asLong() : -1;
        }
        try {
            if (!dimensions.isArray()) {
                throw new IllegalArgumentException("it has no shape");
            }
            // The product is bounded so that its size in bytes fits a long, too.
            Math.multiplyExact(Shape.of(sizes).elements(), (long) Double.BYTES);
            return Shape.of(sizes);
        } catch (IllegalArgumentException | ArithmeticException wrong) {
            throw new CheckpointFormatException(
                    file + ": tensor " + name + " cannot be read: " + wrong.getMessage(), wrong);
        }
    }

    private void requireWithoutGaps(List<SafetensorsTensor> tensors, long dataLength) throws IOException {
        long end = 0;
        for (SafetensorsTensor tensor : tensors) {
            if (tensor.begin() != end) {
                throw corrupt("tensor " + tensor.name() + " begins at byte " + tensor.begin() + " of the data, but "
                        + (tensor.begin() < end ? "overlaps the one before it, which ends" : "the one before it ends")
                        + " at byte " + end);
            }
            end = tensor.end();
        }
        if (end != dataLength) {
            throw corrupt("its tensors take " + end + " bytes, but it has " + dataLength + " bytes of data"
                    + (dataLength < end ? "; it was cut short" : ""));
        }
    }

    private CheckpointCorruptException corrupt(String what) {
        return new CheckpointCorruptException(file + " is damaged: " + what);
    }
}
