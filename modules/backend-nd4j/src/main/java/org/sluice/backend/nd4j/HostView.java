package org.sluice.backend.nd4j;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.sluice.tensor.DType;

/**
 * The elements of a tensor in host memory, for kernels that work on tiles of Java arrays: copy in, compute, copy out.
 *
 * <p>Positions are {@code long}: the memory is seen through buffers of at most 1 GiB each, since a Java buffer ends at 2 GB, and a
 * copy that crosses from one to the next is split. All copies are absolute, so that several threads may work on disjoint parts at
 * once. Nothing is allocated by a copy. Bounds and the arena's being open are checked at each.
 */
public final class HostView {
    private final Nd4jArena arena;
    private final String name;
    private final HostSegments segments;
    private final long first;
    private final long elements;

    private HostView(Nd4jArena arena, String name, HostSegments segments, long first, long elements) {
        this.arena = arena;
        this.name = name;
        this.segments = segments;
        this.first = first;
        this.elements = elements;
    }

    /** The view of a whole allocation, which the caller keeps reachable. */
    static HostView of(Nd4jArena arena, String name, DType dtype, INDArray root, long segmentBytes) {
        Pointer memory = root.data().pointer();
        HostSegments segments = HostSegments.of(memory, dtype, root.length(), segmentBytes);
        return new HostView(arena, name, segments, 0, root.length());
    }

    /** A contiguous part of the allocation that this view was taken from. */
    HostView part(String part, long offset, long length) {
        return new HostView(arena, part, segments, offset, length);
    }

    public long elements() {
        return elements;
    }

    /**
     * Copies elements {@code offset .. offset + count - 1} to {@code target[from ..]}.
     *
     * @throws IndexOutOfBoundsException if they are not wholly inside the tensor or the array; so in all methods here
     * @throws IllegalArgumentException if the tensor is not float32
     */
    public void get(long offset, float[] target, int from, int count) {
        check(DType.FLOAT32, offset, from, count, target.length);
        long element = first + offset;
        for (int done = 0; done < count; ) {
            int step = segments.contiguous(element + done, count - done);
            segments.floats(element + done).get(segments.index(element + done), target, from + done, step);
            done += step;
        }
    }

    /** Copies {@code source[from .. from + count - 1]} to the elements from {@code offset} on; float32. */
    public void put(long offset, float[] source, int from, int count) {
        check(DType.FLOAT32, offset, from, count, source.length);
        long element = first + offset;
        for (int done = 0; done < count; ) {
            int step = segments.contiguous(element + done, count - done);
            segments.floats(element + done).put(segments.index(element + done), source, from + done, step);
            done += step;
        }
    }

    /** As {@link #get(long, float[], int, int)}, for float64. */
    public void get(long offset, double[] target, int from, int count) {
        check(DType.FLOAT64, offset, from, count, target.length);
        long element = first + offset;
        for (int done = 0; done < count; ) {
            int step = segments.contiguous(element + done, count - done);
            segments.doubles(element + done).get(segments.index(element + done), target, from + done, step);
            done += step;
        }
    }

    /** As {@link #put(long, float[], int, int)}, for float64. */
    public void put(long offset, double[] source, int from, int count) {
        check(DType.FLOAT64, offset, from, count, source.length);
        long element = first + offset;
        for (int done = 0; done < count; ) {
            int step = segments.contiguous(element + done, count - done);
            segments.doubles(element + done).put(segments.index(element + done), source, from + done, step);
            done += step;
        }
    }

    /** As {@link #get(long, float[], int, int)}, for int32. */
    public void get(long offset, int[] target, int from, int count) {
        check(DType.INT32, offset, from, count, target.length);
        long element = first + offset;
        for (int done = 0; done < count; ) {
            int step = segments.contiguous(element + done, count - done);
            segments.ints(element + done).get(segments.index(element + done), target, from + done, step);
            done += step;
        }
    }

    /** As {@link #put(long, float[], int, int)}, for int32. */
    public void put(long offset, int[] source, int from, int count) {
        check(DType.INT32, offset, from, count, source.length);
        long element = first + offset;
        for (int done = 0; done < count; ) {
            int step = segments.contiguous(element + done, count - done);
            segments.ints(element + done).put(segments.index(element + done), source, from + done, step);
            done += step;
        }
    }

    /** One element of a float32 tensor. */
    public float getFloat(long offset) {
        check(DType.FLOAT32, offset, 0, 1, 1);
        return segments.floats(first + offset).get(segments.index(first + offset));
    }

    /** One element of a float64 tensor. */
    public double getDouble(long offset) {
        check(DType.FLOAT64, offset, 0, 1, 1);
        return segments.doubles(first + offset).get(segments.index(first + offset));
    }

    /** One element of an int32 tensor. */
    public int getInt(long offset) {
        check(DType.INT32, offset, 0, 1, 1);
        return segments.ints(first + offset).get(segments.index(first + offset));
    }

    /** Copies whole elements of any type to a buffer, little-endian, as many as it has room for; its position moves past them. */
    public void get(long offset, ByteBuffer target) {
        int size = segments.dtype().bytes();
        int count = target.remaining() / size;
        check(segments.dtype(), offset, 0, count, count);
        long element = first + offset;
        for (int done = 0; done < count; ) {
            int step = segments.contiguous(element + done, count - done);
            int position = target.position();
            target.put(position, segments.bytes(element + done), segments.index(element + done) * size, step * size);
            target.position(position + step * size);
            done += step;
        }
    }

    /** Copies whole elements of any type from a buffer, little-endian, as many as it has; its position moves past them. */
    public void put(long offset, ByteBuffer source) {
        int size = segments.dtype().bytes();
        int count = source.remaining() / size;
        check(segments.dtype(), offset, 0, count, count);
        long element = first + offset;
        for (int done = 0; done < count; ) {
            int step = segments.contiguous(element + done, count - done);
            int position = source.position();
            segments.bytes(element + done).put(segments.index(element + done) * size, source, position, step * size);
            source.position(position + step * size);
            done += step;
        }
    }

    private void check(DType dtype, long offset, int from, int count, int length) {
        arena.requireOpen(name);
        if (segments.dtype() != dtype) {
            throw new IllegalArgumentException(
                    "tensor '" + name + "' is " + segments.dtype() + " and was accessed as " + dtype);
        }
        if (offset < 0 || count < 0 || offset > elements - count) {
            throw new IndexOutOfBoundsException(count + " elements from element " + offset + " are not inside tensor '"
                    + name + "' of " + elements + " elements");
        }
        Objects.checkFromIndexSize(from, count, length);
    }
}
