package org.sluice.cluster;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
import org.sluice.tensor.Tensor;
import org.sluice.training.NamedState;

/**
 * The file of a checkpoint that keeps what one worker needs beside the parameters to go on.
 *
 * @param states the optimizer's state, and the residual where the wire format has one
 */
record WorkerStateFile(int worker, List<NamedState> states, Memory memory, Configuration hadoop) {
    private static final int PIECE_BYTES = 4 << 20;
    private static final Pattern NAME = Pattern.compile("worker-(\\d+)\\.safetensors");
    private static final String UPDATES = "updates";

    /** The worker whose file has a name; nothing if it is another file. */
    static Optional<Integer> worker(String name) {
        Matcher matcher = NAME.matcher(name);
        return matcher.matches() ? Optional.of(Integer.valueOf(matcher.group(1))) : Optional.empty();
    }

    /** The file's name. */
    String name() {
        return String.format("worker-%05d.safetensors", worker);
    }

    /**
     * Reads the state from a checkpoint that the driver has verified.
     *
     * @param steps the steps that were done then
     * @return how many updates made the state; in files that do not say it, all steps
     */
    long read(Path folder, long steps) throws IOException {
        Checkpoint checkpoint = Checkpoint.openVerified(hadoop, folder);
        try (SafetensorsReader reader = checkpoint.openSafetensors(name())) {
            for (NamedState state : states) {
                SafetensorsTensor stored = reader.header().tensors().stream()
                        .filter(tensor -> tensor.name().equals(state.name()))
                        .findFirst()
                        .orElseThrow(() -> new IOException(name() + " has no tensor " + state.name()));
                read(reader, stored, state);
            }
            String updates = reader.header().metadata().get(UPDATES);
            return updates == null ? steps : Long.parseLong(updates);
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

    /** The bytes of the state. */
    long bytes() {
        return states.stream()
                .mapToLong(state -> state.tensor().elements() * Float.BYTES)
                .sum();
    }

    private record Piece(Tensor tensor, long offset, int bytes) {}

    /**
     * The state's numbers as they are when a piece is asked for.
     *
     * @param allocate makes a buffer of so many bytes, which a piece is read into
     */
    Iterator<ByteBuffer> pieces(IntFunction<ByteBuffer> allocate) {
        List<Piece> pieces = new ArrayList<>();
        for (NamedState state : states) {
            long bytes = state.tensor().elements() * Float.BYTES;
            for (long at = 0; at < bytes; at += PIECE_BYTES) {
                pieces.add(new Piece(state.tensor(), at / Float.BYTES, (int) Math.min(PIECE_BYTES, bytes - at)));
            }
        }
        return pieces.stream()
                .map(piece -> {
                    ByteBuffer buffer = allocate.apply(piece.bytes());
                    memory.read(piece.tensor(), piece.offset(), buffer);
                    return buffer.flip();
                })
                .iterator();
    }

    /**
     * Writes the state into a checkpoint.
     *
     * @param version the version of the parameters that it belongs to
     * @param updates how many updates made it
     * @param pieces its numbers, see {@link #pieces}
     */
    FileRecord write(Path folder, long version, long updates, Iterator<ByteBuffer> pieces) throws IOException {
        SafetensorsHeader.Builder header = new SafetensorsHeader.Builder()
                .metadata("version", "" + version)
                .metadata(UPDATES, "" + updates);
        states.forEach(
                state -> header.add(state.name(), DType.FLOAT32, state.tensor().shape()));
        return CheckpointWriter.writeFile(hadoop, folder, name(), stream -> {
            SafetensorsWriter writer = new SafetensorsWriter(stream, header.build());
            while (pieces.hasNext()) {
                BackgroundFiles.requireNotInterrupted();
                writer.write(pieces.next());
            }
            writer.finish();
        });
    }
}
