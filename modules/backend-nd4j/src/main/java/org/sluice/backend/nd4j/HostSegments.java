package org.sluice.backend.nd4j;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.sluice.tensor.DType;

/** Native memory as a row of direct buffers of equal size (the last may be shorter), addressed by element. */
final class HostSegments {
    /** The largest segment: a power of two, so that an element's segment and place in it are a shift and a mask. */
    static final long BYTES = 1L << 30;

    private final DType dtype;
    private final int shift;
    private final int mask;
    private final ByteBuffer[] bytes;
    private final FloatBuffer[] floats;
    private final DoubleBuffer[] doubles;
    private final IntBuffer[] ints;

    private HostSegments(DType dtype, int shift, ByteBuffer[] bytes) {
        this.dtype = dtype;
        this.shift = shift;
        this.mask = (1 << shift) - 1;
        this.bytes = bytes;
        this.floats = new FloatBuffer[dtype == DType.FLOAT32 ? bytes.length : 0];
        this.doubles = new DoubleBuffer[dtype == DType.FLOAT64 ? bytes.length : 0];
        this.ints = new IntBuffer[dtype == DType.INT32 ? bytes.length : 0];
        for (int segment = 0; segment < bytes.length; segment++) {
            switch (dtype) {
                case FLOAT32 -> floats[segment] = bytes[segment].asFloatBuffer();
                case FLOAT64 -> doubles[segment] = bytes[segment].asDoubleBuffer();
                case INT32 -> ints[segment] = bytes[segment].asIntBuffer();
            }
        }
    }

    /**
     * @param memory where the elements lie; not kept: the caller keeps the allocation alive
     * @param segmentBytes the size of a segment, a power of two of at least 8
     */
    static HostSegments of(Pointer memory, DType dtype, long elements, long segmentBytes) {
        long total = Math.multiplyExact(elements, dtype.bytes());
        int count = Math.toIntExact((total + segmentBytes - 1) / segmentBytes);
        ByteBuffer[] bytes = new ByteBuffer[count];
        for (int segment = 0; segment < count; segment++) {
            long start = segment * segmentBytes;
            long end = Math.min(total, start + segmentBytes);
            // JavaCPP counts a buffer's position and capacity from the pointer's address: that must be the segment's
            // own.
            bytes[segment] = new BytePointer(memory)
                    .getPointer(start)
                    .capacity(end - start)
                    .asByteBuffer()
                    .order(ByteOrder.LITTLE_ENDIAN);
        }
        return new HostSegments(dtype, Long.numberOfTrailingZeros(segmentBytes / dtype.bytes()), bytes);
    }

    DType dtype() {
        return dtype;
    }

    /** How many of {@code wanted} elements from {@code element} on lie in its segment. */
    int contiguous(long element, int wanted) {
        return Math.min(wanted, (1 << shift) - index(element));
    }

    /** The place of an element in its segment. */
    int index(long element) {
        return (int) element & mask;
    }

    FloatBuffer floats(long element) {
        return floats[(int) (element >>> shift)];
    }

    DoubleBuffer doubles(long element) {
        return doubles[(int) (element >>> shift)];
    }

    IntBuffer ints(long element) {
        return ints[(int) (element >>> shift)];
    }

    ByteBuffer bytes(long element) {
        return bytes[(int) (element >>> shift)];
    }
}
