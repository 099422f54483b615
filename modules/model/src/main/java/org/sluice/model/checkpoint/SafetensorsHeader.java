package org.sluice.model.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.sluice.tensor.DType;
import org.sluice.tensor.Shape;

/**
 * The header of a safetensors file (huggingface.co/docs/safetensors): 8 bytes of little-endian length, then JSON that gives each tensor's
 * type, shape and place, padded by spaces so that the data begins at a multiple of 8. The data follows, tensor behind tensor, without
 * gaps, little-endian and in row-major order.
 */
public final class SafetensorsHeader {
    static final String METADATA_KEY = "__metadata__";
    static final int LENGTH_BYTES = 8;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<SafetensorsTensor> tensors;
    private final Map<String, String> metadata;

    SafetensorsHeader(List<SafetensorsTensor> tensors, Map<String, String> metadata) {
        this.tensors = List.copyOf(tensors);
        this.metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }

    /** Collects tensors in the order of their data. */
    public static final class Builder {
        private final List<SafetensorsTensor> tensors = new ArrayList<>();
        private final Set<String> names = new HashSet<>();
        private final Map<String, String> metadata = new LinkedHashMap<>();
        private long end;

        /**
         * Adds the next tensor.
         *
         * @throws IllegalArgumentException if the name was added before, or is the one that the format keeps for itself
         */
        public Builder add(String name, DType dtype, Shape shape) {
            return add(name, SafetensorsType.of(dtype), shape);
        }

        /**
         * Adds the next tensor.
         *
         * @throws IllegalArgumentException if the name was added before, or is the one that the format keeps for itself
         */
        public Builder add(String name, SafetensorsType type, Shape shape) {
            if (name.equals(METADATA_KEY) || !names.add(name)) {
                throw new IllegalArgumentException("a safetensors file cannot have "
                        + (name.equals(METADATA_KEY) ? "a tensor named " : "two tensors named ") + name);
            }
            SafetensorsTensor tensor = new SafetensorsTensor(name, type, shape, end);
            tensors.add(tensor);
            end = tensor.end();
            return this;
        }

        /** Adds a text to the header. */
        public Builder metadata(String key, String value) {
            metadata.put(key, value);
            return this;
        }

        public SafetensorsHeader build() {
            return new SafetensorsHeader(tensors, metadata);
        }
    }

    /** The tensors in the order of their data. */
    public List<SafetensorsTensor> tensors() {
        return tensors;
    }

    /** The texts in the header. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** The bytes of all tensors. */
    public long dataLength() {
        return tensors.isEmpty() ? 0 : tensors.get(tensors.size() - 1).end();
    }

    /** The first bytes of the file, up to the data. */
    public byte[] toBytes() {
        ObjectNode root = JSON.createObjectNode();
        if (!metadata.isEmpty()) {
            ObjectNode texts = root.putObject(METADATA_KEY);
            metadata.forEach(texts::put);
        }
        for (SafetensorsTensor tensor : tensors) {
            ObjectNode node = root.putObject(tensor.name());
            node.put("dtype", tensor.type().name());
            ArrayNode shape = node.putArray("shape");
            for (int i = 0; i < tensor.shape().rank(); i++) {
                shape.add(tensor.shape().dimension(i));
            }
            node.putArray("data_offsets").add(tensor.begin()).add(tensor.end());
        }
        byte[] json = json(root);
        int padded = Math.addExact(json.length, LENGTH_BYTES - 1) / LENGTH_BYTES * LENGTH_BYTES;
        ByteBuffer bytes = ByteBuffer.allocate(LENGTH_BYTES + padded).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(padded).put(json);
        while (bytes.hasRemaining()) {
            bytes.put((byte) ' ');
        }
        return bytes.array();
    }

    private static byte[] json(ObjectNode root) {
        try {
            return JSON.writeValueAsBytes(root);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a JSON tree could not be written as JSON", impossible);
        }
    }
}
