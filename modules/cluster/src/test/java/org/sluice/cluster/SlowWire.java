package org.sluice.cluster;

/** What is left of values that went over the wire, one by one and in double precision: the twin of the codecs. */
final class SlowWire {
    private static final int BLOCK = 256;

    private SlowWire() {}

    /** The values as the receiver reads them; those of a slice, from its first on. */
    static float[] received(WireFormat format, float[] values) {
        float[] received = new float[values.length];
        for (int at = 0; at < values.length; at++) {
            received[at] = switch (format) {
                case FP32 -> values[at];
                case BF16 -> bfloat16(values[at]);
                case INT8 -> int8(values, at);
            };
        }
        return received;
    }

    private static float bfloat16(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value) || value == 0) {
            return (float) value;
        }
        double spacing = Math.scalb(1.0, Math.max(Math.getExponent(value), Float.MIN_EXPONENT) - 7);
        return (float) (Math.rint(value / spacing) * spacing);
    }

    private static float int8(float[] values, int at) {
        double largest = 0;
        for (int of = at / BLOCK * BLOCK; of < Math.min(values.length, (at / BLOCK + 1) * BLOCK); of++) {
            largest = Math.max(largest, Math.abs((double) values[of]));
        }
        if (Double.isNaN(largest) || Double.isInfinite(largest)) {
            return Float.NaN;
        }
        double scale = (float) (largest / 127);
        if (scale < Float.MIN_NORMAL) {
            return 0;
        }
        double inverse = (float) (1 / scale);
        long whole = (long) Math.rint((float) (values[at] * inverse));
        return (float) (whole * scale);
    }
}
