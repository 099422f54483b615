package org.sluice.cluster;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * What travels between workers and owners in a round, in both directions.
 *
 * <p>In {@link #FP32} the parameters themselves travel, and no bit is lost. In the others what changed travels, rounded, and each sender
 * adds what its rounding left over to what it sends the next time (error feedback: Seide et al. 2014, "1-Bit Stochastic Gradient Descent
 * and its Application to Data-Parallel Distributed Training of Speech DNNs"; Karimireddy et al. 2019, "Error Feedback Fixes SignSGD and
 * other Gradient Compression Schemes", arXiv 1901.09847). So the sum of all that was sent stays within one rounding of the sum of all that
 * was to be sent, however many rounds there are.
 */
public enum WireFormat {
    /** 4 bytes a parameter. */
    FP32,

    /** 2 bytes a parameter. */
    BF16,

    /** 1 byte a parameter, and 4 bytes for each 256 of them. */
    INT8;

    /** The format that a name in a job file stands for: {@code fp32}, {@code bf16} or {@code int8}. */
    public static Optional<WireFormat> named(String name) {
        return Arrays.stream(values())
                .filter(format -> format.toString().equals(name))
                .findFirst();
    }

    /** The bytes that so many parameters travel as. */
    public long bytes(long parameters) {
        long whole = parameters / WireCodec.TILE;
        WireCodec codec = codec();
        return whole * codec.bytes(WireCodec.TILE) + codec.bytes((int) (parameters % WireCodec.TILE));
    }

    /** Whether changes travel, and rounding leaves something over that must be kept. */
    public boolean keepsResiduals() {
        return this != FP32;
    }

    WireCodec codec() {
        return switch (this) {
            case FP32 -> new Float32Codec();
            case BF16 -> new Bfloat16Codec();
            case INT8 -> new Int8Codec();
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
