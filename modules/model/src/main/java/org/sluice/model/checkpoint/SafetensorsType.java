package org.sluice.model.checkpoint;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import org.sluice.tensor.DType;

/** The types of numbers in safetensors files that Sluice reads and writes. The 16-bit ones are for files alone: nothing is computed in them. */
public enum SafetensorsType {
    F32(4, DType.FLOAT32),
    F64(8, DType.FLOAT64),
    I32(4, DType.INT32),
    /** bfloat16: the upper half of an F32. */
    BF16(2, null),
    /** IEEE 754 binary16. */
    F16(2, null);

    private final int bytes;
    private final DType dtype;

    SafetensorsType(int bytes, DType dtype) {
        this.bytes = bytes;
        this.dtype = dtype;
    }

    /** The type that holds a tensor's numbers as they are. */
    public static SafetensorsType of(DType dtype) {
        return Arrays.stream(values())
                .filter(type -> type.dtype == dtype)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("safetensors files have no type for " + dtype));
    }

    /** The size of one number in bytes. */
    public int bytes() {
        return bytes;
    }

    /** The type of tensors with such numbers; none for those of 16 bits. */
    public Optional<DType> dtype() {
        return Optional.ofNullable(dtype);
    }

    static Optional<SafetensorsType> named(String name) {
        return Arrays.stream(values()).filter(type -> type.name().equals(name)).findFirst();
    }

    /** All names, for messages. */
    static String names() {
        return Arrays.stream(values()).map(SafetensorsType::name).collect(Collectors.joining(", "));
    }
}
