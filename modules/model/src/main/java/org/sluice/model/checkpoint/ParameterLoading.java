package org.sluice.model.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.sluice.tensor.Memory;
import org.sluice.tensor.Tensor;

/** The way of a checkpoint's parameters into a backend's memory, in pieces, so that the Java heap never holds a model. */
public final class ParameterLoading {
    private static final int PIECE_BYTES = 4 << 20;

    private ParameterLoading() {}

    /**
     * Fills a decoder's flat space of parameters.
     *
     * @param parameters {@code [P]}, of {@link Checkpoint#parameterType}
     * @throws IllegalArgumentException if the checkpoint holds another number of parameters, or of another type
     */
    public static void load(Checkpoint checkpoint, Memory memory, Tensor parameters) throws IOException {
        long elements = checkpoint.model().parameters();
        if (parameters.elements() != elements || parameters.dtype() != checkpoint.parameterType()) {
            throw new IllegalArgumentException("the checkpoint " + checkpoint.folder() + " has " + elements
                    + " parameters of " + checkpoint.parameterType() + "; the decoder has " + parameters.elements()
                    + " of " + parameters.dtype());
        }
        int size = parameters.dtype().bytes();
        ByteBuffer bytes = ByteBuffer.allocate(PIECE_BYTES / size * size);
        for (long from = 0; from < elements; from += PIECE_BYTES / size) {
            bytes.clear().limit((int) Math.min(bytes.capacity(), (elements - from) * size));
            checkpoint.readParameters(from, bytes);
            memory.write(bytes.flip(), parameters, from);
        }
    }
}
