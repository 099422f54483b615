package org.sluice.model;

import java.util.List;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Memory;
import org.sluice.tensor.Tensor;

/** The layers of a {@link CachedDecoder} for chunks of one length, on parameters and caches that it shares with those of another. */
final class CachedStack {
    private final Backend backend;
    private final BatchShape batch;
    private final RotaryTables angles;
    private final RotaryTables chunkAngles;
    private final DecoderInput input;
    private final LayerStack layers;
    private int firstTime;

    /**
     * @param allocator of this stack alone; its batch has the chunk's length
     * @param angles of all times
     */
    CachedStack(
            Backend backend,
            DecoderConfig config,
            Allocator allocator,
            Weights weights,
            RotaryTables angles,
            List<KeyValueCache> caches) {
        this.backend = backend;
        this.batch = allocator.batch();
        this.angles = angles;
        this.chunkAngles = RotaryTables.room(allocator, config);
        this.input = DecoderInput.allocate(allocator, config);
        AttentionCore.Factory cores = new CachedAttention.Factory(
                backend, config, chunkAngles, caches, input.firstVisible(), () -> firstTime);
        this.layers =
                new DecoderBuilder(backend, config, allocator, weights, DecoderMode.EVALUATION, input, cores).stack();
    }

    /** {@code T}. */
    int length() {
        return batch.length();
    }

    /**
     * One forward pass.
     *
     * @param tokens {@code [B * T]}
     * @param time of the first token of each sequence
     * @param starts {@code [B]}, the time before which a sequence's tokens are padding
     */
    void forward(int[] tokens, int time, int[] starts) {
        firstTime = time;
        Memory memory = backend.memory();
        input.load(tokens, firstVisible(starts), row -> time(row) >= starts[row / batch.length()], memory);
        angles.copyTo(chunkAngles, time, memory);
        layers.forward(ForwardObserver.none());
    }

    /**
     * Copies the normalised stream of each sequence's last token.
     *
     * @param out {@code [B, D]}, overwritten
     */
    void copyLast(Tensor out) {
        Tensor rows = layers.normalised();
        long hidden = rows.shape().dimension(1);
        for (long sequence = 0; sequence < batch.sequences(); sequence++) {
            long last = (sequence + 1) * batch.length() - 1;
            backend.memory().copyPart(rows, last * hidden, out, sequence * hidden, hidden);
        }
    }

    /** The start of each token's sequence; padding sees itself alone. */
    private int[] firstVisible(int[] starts) {
        int[] visible = new int[batch.rows()];
        for (int row = 0; row < visible.length; row++) {
            visible[row] = Math.min(time(row), starts[row / batch.length()]);
        }
        return visible;
    }

    private int time(int row) {
        return firstTime + row % batch.length();
    }
}
