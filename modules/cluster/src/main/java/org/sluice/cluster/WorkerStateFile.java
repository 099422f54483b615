package org.sluice.cluster;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.sluice.model.checkpoint.Checkpoint;
import org.sluice.model.checkpoint.CheckpointWriter;
import org.sluice.model.checkpoint.FileRecord;
import org.sluice.model.checkpoint.SafetensorsHeader;
import org.sluice.model.checkpoint.SafetensorsReader;
import org.sluice.model.checkpoint.SafetensorsTensor;
import org.sluice.model.checkpoint.SafetensorsWriter;
import org.sluice.tensor.DType;
import org.sluice.tensor.Memory;
import org.sluice.training.NamedState;

/**
 * The file of a checkpoint that keeps what one worker needs beside the parameters to go on.
 *
 * @param states the optimizer's state, and the residual where the wire format has one
 */
record WorkerStateFile(int worker, List<NamedState> states, Memory memory, Configuration hadoop) {
    private static final int PIECE_BYTES = 4 << 20;

    /** The file's name. */
    String name() {
        return String.format("worker-%05d.safetensors", worker);
    }

    /** Reads the state from a checkpoint that the driver has verified. */
    void read(Path folder) throws IOException {
        Checkpoint checkpoint = Checkpoint.openVerified(hadoop, folder);
        try (SafetensorsReader reader = checkpoint.openSafetensors(name())) {
            for (NamedState state : states) {
                SafetensorsTensor stored = reader.header().tensors().stream()
                        .filter(tensor -> tensor.name().equals(state.name()))
                        .findFirst()
                        .orElseThrow(() -> new IOException(name() + " has no tensor " + state.name()));
                read(reader, stored, state);
            }
        }
    }

    private void read(SafetensorsReader reader, SafetensorsTensor stored, NamedState state) throws IOException {
        if (stored.length() != state.tensor().elements() * Float.BYTES) {
            throw new IOException("the tensor " + state.name() + " of " + name() + " has " + stored.length()
                    + " bytes, expected " + state.tensor().elements() * Float.BYTES);
        }
        for (long at = 0; at < stored.length(); at += PIECE_BYTES) {
            ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE_BYTES, stored.length() - at));
            reader.read(stored.begin() + at, piece);
            memory.write(piece.flip(), state.tensor(), at / Float.BYTES);
        }
    }

    /**
     * Writes the state into a checkpoint.
     *
     * @param version the version of the parameters that it belongs to
     */
    FileRecord write(Path folder, long version) throws IOException {
        SafetensorsHeader.Builder header = new SafetensorsHeader.Builder().metadata("version", "" + version);
        states.forEach(
                state -> header.add(state.name(), DType.FLOAT32, state.tensor().shape()));
        return CheckpointWriter.writeFile(hadoop, folder, name(), stream -> {
            SafetensorsWriter writer = new SafetensorsWriter(stream, header.build());
            for (NamedState state : states) {
                write(writer, state);
            }
            writer.finish();
        });
    }

    private void write(SafetensorsWriter writer, NamedState state) throws IOException {
        long bytes = state.tensor().elements() * Float.BYTES;
        for (long at = 0; at < bytes; at += PIECE_BYTES) {
            ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE_BYTES, bytes - at));
            memory.read(state.tensor(), at / Float.BYTES, piece);
            writer.write(piece.flip());
        }
    }
}
