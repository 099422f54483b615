package org.sluice.backend.nd4j;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.sluice.tensor.Arena;
import org.sluice.tensor.DType;
import org.sluice.tensor.OutOfDeviceMemoryException;
import org.sluice.tensor.Shape;

/**
 * Owns ND4J arrays: keeps them reachable while it is open, and frees their native memory at once when it is closed.
 *
 * <p>Arrays are allocated outside ND4J's workspaces, filled with zeros. Allocation and closing are safe from several threads;
 * closing while an operation runs on the arena's tensors is the caller's mistake.
 */
public final class Nd4jArena implements Arena {
    private final String name;
    private final String backend;
    private final boolean hostAccess;
    private final List<INDArray> roots = new ArrayList<>();
    private long allocatedBytes;
    private volatile boolean closed;

    /**
     * @param name what the arena is for, for messages
     * @param backend the name of the backend that the tensors belong to
     * @param hostAccess whether tensors have a {@link Nd4jTensor#host()} view; only where ND4J keeps its arrays in host memory
     */
    public Nd4jArena(String name, String backend, boolean hostAccess) {
        this.name = name;
        this.backend = backend;
        this.hostAccess = hostAccess;
    }

    @Override
    public String name() {
        return name;
    }

    /** The name of the backend that this arena's tensors belong to. */
    public String backend() {
        return backend;
    }

    @Override
    public synchronized Nd4jTensor allocate(String tensorName, DType dtype, Shape shape) {
        if (closed) {
            throw new IllegalStateException("cannot allocate tensor '" + tensorName + "' of " + dtype + " " + shape
                    + " in arena '" + name + "': the arena is closed");
        }
        INDArray root = allocateZeros(tensorName, dtype, shape);
        roots.add(root);
        allocatedBytes += bytes(dtype, shape);
        HostView host = hostAccess ? HostView.of(this, tensorName, dtype, root, HostSegments.BYTES) : null;
        return new Nd4jTensor(this, tensorName, dtype, shape, root, 0, host);
    }

    @Override
    public synchronized long allocatedBytes() {
        return allocatedBytes;
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public synchronized void close() {
        closed = true;
        roots.forEach(INDArray::close);
        roots.clear();
        allocatedBytes = 0;
    }

    /** @throws IllegalStateException if this arena is closed */
    void requireOpen(String tensorName) {
        if (closed) {
            throw new IllegalStateException(
                    "tensor '" + tensorName + "' was used after its arena '" + name + "' had been closed");
        }
    }

    private INDArray allocateZeros(String tensorName, DType dtype, Shape shape) {
        HostMemoryLimit.now().refusal(bytes(dtype, shape)).ifPresent(reason -> {
            throw new OutOfDeviceMemoryException(refused(tensorName, dtype, shape) + reason, null);
        });
        try {
            INDArray root = Nd4j.createUninitializedDetached(dataType(dtype), shape.elements());
            root.assign(0);
            return root;
        } catch (OutOfMemoryError error) {
            if (String.valueOf(error.getMessage()).startsWith("Java heap space")) {
                throw error;
            }
            throw new OutOfDeviceMemoryException(
                    refused(tensorName, dtype, shape) + error.getMessage() + "; " + HostMemoryLimit.ADVICE, error);
        } catch (RuntimeException exception) {
            throw new OutOfDeviceMemoryException(
                    refused(tensorName, dtype, shape) + exception.getMessage() + "; " + HostMemoryLimit.ADVICE,
                    exception);
        }
    }

    private String refused(String tensorName, DType dtype, Shape shape) {
        return "no memory for tensor '" + tensorName + "' of " + dtype + " " + shape + " (" + bytes(dtype, shape)
                + " bytes) in arena '" + name + "', which holds " + allocatedBytes + " bytes; the process uses "
                + Pointer.physicalBytes() + " bytes: ";
    }

    /** The size of a tensor in bytes; the largest long if it is more than that, which no machine has either. */
    private static long bytes(DType dtype, Shape shape) {
        long elements = shape.elements();
        return elements > Long.MAX_VALUE / dtype.bytes() ? Long.MAX_VALUE : elements * dtype.bytes();
    }

    static DataType dataType(DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> DataType.FLOAT;
            case FLOAT64 -> DataType.DOUBLE;
            case INT32 -> DataType.INT32;
        };
    }
}
