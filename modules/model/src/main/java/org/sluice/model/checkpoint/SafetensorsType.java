package org.sluice.model.checkpoint;

import java.util.Optional;
import org.sluice.tensor.DType;

/** The names that safetensors has for the types that Sluice has. */
final class SafetensorsType {
    private SafetensorsType() {}

    static String of(DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> "F32";
            case FLOAT64 -> "F64";
            case INT32 -> "I32";
        };
    }

    static Optional<DType> named(String name) {
        for (DType dtype : DType.values()) {
            if (of(dtype).equals(name)) {
                return Optional.of(dtype);
            }
        }
        return Optional.empty();
    }
}
