package org.sluice.model.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;

/** The fields of a JSON object that describes a model: each must be there and of its type. */
record ModelConfigFields(JsonNode root, String file) {

    void requireEqual(String key, String expected) throws CheckpointFormatException {
        String found = present(key).asText();
        if (!found.equals(expected)) {
            throw new CheckpointFormatException(
                    file + " has " + key + " '" + found + "', which Sluice does not have; expected '" + expected + "'");
        }
    }

    int integer(String key) throws CheckpointFormatException {
        JsonNode value = present(key);
        if (!value.isInt()) {
            throw new CheckpointFormatException(file + " has " + key + " " + value + "; expected an integer");
        }
        return value.asInt();
    }

    double number(String key) throws CheckpointFormatException {
        JsonNode value = present(key);
        if (!value.isNumber()) {
            throw new CheckpointFormatException(file + " has " + key + " " + value + "; expected a number");
        }
        return value.asDouble();
    }

    boolean flag(String key) throws CheckpointFormatException {
        JsonNode value = present(key);
        if (!value.isBoolean()) {
            throw new CheckpointFormatException(file + " has " + key + " " + value + "; expected true or false");
        }
        return value.asBoolean();
    }

    String text(String key) throws CheckpointFormatException {
        JsonNode value = present(key);
        if (!value.isTextual()) {
            throw new CheckpointFormatException(file + " has " + key + " " + value + "; expected a text");
        }
        return value.asText();
    }

    JsonNode present(String key) throws CheckpointFormatException {
        JsonNode value = root.get(key);
        if (value == null) {
            throw new CheckpointFormatException(
                    file + " does not have " + key + ", without which it is not known which model it describes");
        }
        return value;
    }
}
