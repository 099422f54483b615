package org.sluice.model.interchange;

import java.nio.ByteBuffer;
import org.sluice.model.checkpoint.SafetensorsType;

/** Numbers of files as float32 and back, little-endian; to 16 bits they are rounded to the nearest, of two to the even one. */
final class NumberCodec {
    private NumberCodec() {}

    /**
     * Appends a number to a buffer.
     *
     * @param type F32, BF16 or F16
     */
    static void put(SafetensorsType type, float value, ByteBuffer target) {
        switch (type) {
            case F32 -> target.putFloat(value);
            case BF16 -> target.putShort(bfloat16(value));
            case F16 -> target.putShort(float16(value));
            case F64, I32 -> throw new IllegalArgumentException("weights are not written in " + type);
        }
    }

    /**
     * Takes the next number from a buffer.
     *
     * @param type F32, BF16 or F16
     */
    static float get(SafetensorsType type, ByteBuffer source) {
        return switch (type) {
            case F32 -> source.getFloat();
            case BF16 -> ofBfloat16(source.getShort());
            case F16 -> ofFloat16(source.getShort());
            case F64, I32 -> throw new IllegalArgumentException("weights are not read in " + type);
        };
    }

    /** A number as the file will give it back. */
    static float rounded(SafetensorsType type, float value) {
        return switch (type) {
            case BF16 -> ofBfloat16(bfloat16(value));
            case F16 -> ofFloat16(float16(value));
            case F32, F64, I32 -> value;
        };
    }

    /** The upper half of a float32. */
    static short bfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            // A NaN must not lose the only bits that make it one.
            return (short) ((bits >>> 16) | 0x40);
        }
        return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
    }

    static float ofBfloat16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** IEEE 754 binary16: 5 bits of exponent, 10 of fraction. JDKs have it from 20 on. */
    static short float16(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = (bits >>> 16) & 0x8000;
        int magnitude = bits & 0x7fff_ffff;
        if (Float.isNaN(value)) {
            return (short) (sign | 0x7e00);
        }
        if (magnitude >= 0x477f_f000) {
            // 65520, half-way between the largest number and what would be the next one, and above.
            return (short) (sign | 0x7c00);
        }
        if (magnitude < 0x3880_0000) {
            // Below 2^-14 numbers are multiples of 2^-24, which is the product's unit; 1024 of them are the smallest
            // normal number.
            return (short) (sign | (int) Math.rint(Math.abs((double) value) * 0x1p24));
        }
        int rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
        return (short) (sign | ((rounded - 0x3800_0000) >>> 13));
    }

    static float ofFloat16(short bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = (bits >>> 10) & 0x1f;
        int fraction = bits & 0x3ff;
        if (exponent == 0) {
            return Math.copySign(fraction * 0x1p-24f, Float.intBitsToFloat(sign | 0x3f80_0000));
        }
        if (exponent == 0x1f) {
            return Float.intBitsToFloat(sign | 0x7f80_0000 | (fraction << 13));
        }
        return Float.intBitsToFloat(sign | ((exponent + 112) << 23) | (fraction << 13));
    }
}
