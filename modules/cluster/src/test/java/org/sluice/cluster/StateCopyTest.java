package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.model.checkpoint.FileRecord;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;
import org.sluice.tensor.OutOfDeviceMemoryException;
import org.sluice.training.Replica;

class StateCopyTest {
    private static final SyntheticBlocks BLOCKS = SyntheticBlocks.of(37);

    private final Backend backend = Backends.open("auto", 1);
    private final Replica replica =
            new Replica(TrainingFixture.MODEL, TrainingFixture.adamW(10), backend, BLOCKS.blockLength());
    private final WorkerStateFile state =
            new WorkerStateFile(3, replica.optimizerState(), backend.memory(), new Configuration());

    @TempDir
    Path temporary;

    @AfterEach
    void close() {
        replica.close();
        backend.close();
    }

    private void step(long number) {
        replica.step(number, BLOCKS.range(number * 5, number * 5 + 5));
    }

    private List<byte[]> now() {
        return bytes(state.pieces(ByteBuffer::allocate));
    }

    private static List<byte[]> bytes(Iterator<ByteBuffer> pieces) {
        List<byte[]> copied = new ArrayList<>();
        pieces.forEachRemaining(piece -> {
            byte[] bytes = new byte[piece.remaining()];
            piece.get(bytes);
            copied.add(bytes);
        });
        return copied;
    }

    @Test
    void staysWhatItIsWhileTrainingGoesOnAndItsMemoryIsUsedAgain() throws IOException {
        replica.initialise();
        List<Integer> allocated = new ArrayList<>();
        StateCopy copy = new StateCopy(bytes -> {
            allocated.add(bytes);
            return ByteBuffer.allocateDirect(bytes);
        });
        step(0);
        List<byte[]> first = now();
        org.apache.hadoop.fs.Path folder = new org.apache.hadoop.fs.Path(temporary.toUri());
        FileRecord direct = state.write(folder, 1, 4, state.pieces(ByteBuffer::allocate));
        copy.take(state);
        step(1);
        assertThat(bytes(copy.pieces())).usingRecursiveComparison().isEqualTo(first);
        assertThat(bytes(copy.pieces()))
                .as("read again")
                .usingRecursiveComparison()
                .isEqualTo(first);
        assertThat(state.write(folder, 1, 4, copy.pieces())).isEqualTo(direct);
        List<byte[]> second = now();
        assertThat(second).usingRecursiveComparison().isNotEqualTo(first);
        copy.take(state);
        assertThat(bytes(copy.pieces())).usingRecursiveComparison().isEqualTo(second);
        long parameters = replica.decoder().layout().elements();
        assertThat(state.bytes()).isEqualTo(8 * parameters);
        assertThat(allocated.stream().mapToLong(bytes -> bytes).sum())
                .as("8 bytes a parameter, once")
                .isEqualTo(state.bytes());
    }

    @Test
    void tooLittleMemoryIsSaidWithWhatToDo() {
        StateCopy copy = new StateCopy(bytes -> {
            throw new OutOfMemoryError("Cannot reserve 4194304 bytes of direct buffer memory");
        });
        assertThatThrownBy(() -> copy.take(state))
                .isInstanceOf(OutOfDeviceMemoryException.class)
                .hasMessageContaining("worker 3 needs " + state.bytes() + " bytes outside the heap")
                .hasMessageContaining("Cannot reserve 4194304 bytes")
                .hasMessageContaining("cluster.asynchronousCheckpoints to false")
                .hasMessageContaining("-XX:MaxDirectMemorySize");
    }
}
