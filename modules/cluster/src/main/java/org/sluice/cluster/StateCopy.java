package org.sluice.cluster;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.IntFunction;
import org.sluice.tensor.OutOfDeviceMemoryException;

/**
 * A worker's optimizer state as it was after a round, so that it can be written while the next round changes the state itself.
 *
 * <p>It takes as much memory as the state, with AdamW 8 bytes a parameter: outside the Java heap, within {@code -XX:MaxDirectMemorySize},
 * which is the size of the heap unless it is set. The first copy takes that memory, and the later ones use it again.
 */
final class StateCopy {
    private final IntFunction<ByteBuffer> allocation;
    private List<ByteBuffer> pieces = List.of();

    StateCopy() {
        this(ByteBuffer::allocateDirect);
    }

    /** @param allocation makes a buffer of so many bytes */
    StateCopy(IntFunction<ByteBuffer> allocation) {
        this.allocation = allocation;
    }

    /**
     * Replaces the copy. What reads the one before must be done.
     *
     * @throws OutOfDeviceMemoryException if there is too little memory; the message says what to do
     */
    void take(WorkerStateFile state) {
        Iterator<ByteBuffer> before = pieces.iterator();
        List<ByteBuffer> taken = new ArrayList<>();
        state.pieces(bytes -> before.hasNext() ? before.next().clear() : allocate(bytes, state))
                .forEachRemaining(taken::add);
        pieces = taken;
    }

    private ByteBuffer allocate(int bytes, WorkerStateFile state) {
        try {
            return allocation.apply(bytes);
        } catch (OutOfMemoryError none) {
            throw new OutOfDeviceMemoryException(
                    "an asynchronous checkpoint of worker " + state.worker() + " needs " + state.bytes()
                            + " bytes outside the heap of its executor for a copy of the optimizer's state, which it cannot get ("
                            + none.getMessage()
                            + "); set cluster.asynchronousCheckpoints to false, or raise -XX:MaxDirectMemorySize in"
                            + " spark.executor.extraJavaOptions",
                    none);
        }
    }

    /** The copy, piece by piece. */
    Iterator<ByteBuffer> pieces() {
        return pieces.stream().map(ByteBuffer::duplicate).iterator();
    }
}
