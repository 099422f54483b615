package org.sluice.cluster;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A worker's copy of the global parameters, and what rounding left over of the changes that it sent.
 *
 * <p>What it sends of a slice is {@code (its parameters - the copy) + the residual}, rounded to the wire format. That depends on nothing
 * but those three, which stay as they are until the next version comes: so it may be asked for as often as tasks are repeated. With the next
 * version the residual becomes what was to be sent less what was sent, if the version has the worker's contribution in it, and the copy
 * moves by the update, as the owner's parameters and all other copies do: they hold the same bits.
 *
 * <p>A worker whose copy is not of the version before takes whole slices. What it sent last may be in them or not; its residual stays as it
 * was before that, which sends one rounding twice at most.
 *
 * <p>What is sent ahead of further training is sent for certain: its residual counts at once.
 *
 * <p>For one thread at a time.
 */
final class GlobalCopy {
    private static final long NONE = -1;

    private final int worker;
    private final SliceLayout layout;
    private final WireCodec codec;
    private final FlatFloats parameters;
    private final FlatFloats copy;
    private final FlatFloats residual;
    private final long[] versions;
    private final Map<Integer, float[]> ahead = new HashMap<>();

    private final float[] global = new float[WireCodec.TILE];
    private final float[] change = new float[WireCodec.TILE];
    private final float[] other = new float[WireCodec.TILE];
    private final byte[] wire;

    /**
     * @param parameters those that the worker trains
     * @param copy room for the copy
     * @param residual zeros, or what a checkpoint holds
     */
    GlobalCopy(
            int worker,
            SliceLayout layout,
            WireFormat format,
            FlatFloats parameters,
            FlatFloats copy,
            FlatFloats residual) {
        this.worker = worker;
        this.layout = layout;
        this.codec = format.codec();
        this.parameters = parameters;
        this.copy = copy;
        this.residual = residual;
        this.versions = new long[layout.slices()];
        this.wire = new byte[codec.bytes(WireCodec.TILE)];
        Arrays.fill(versions, NONE);
    }

    /** Whether updates alone bring all slices of a fragment to a version; those that are there already count too. */
    boolean takesUpdate(int fragment, long from, long to) {
        return layout.slicesOf(fragment).allMatch(slice -> versions[slice] == to || versions[slice] == from);
    }

    /**
     * Brings copy and parameters of a slice to a version; where the copy is there already, the parameters. If the slice was sent ahead, the
     * parameters move by the difference between the version and what they were then.
     *
     * @param from the slice's version before
     */
    void take(GlobalSlice slice, long from, long to) {
        int index = slice.index();
        long before = versions[index];
        if (before == to) {
            resetParameters(index);
            return;
        }
        if (slice.update() != null && before != from) {
            throw new WorkerStateException(
                    "worker " + worker + " got what changed in slice " + index + " from version " + from
                            + " to "
                            + to + ", but its copy is of "
                            + (before == NONE ? "no version" : "version " + before),
                    null);
        }
        versions[index] = NONE;
        float[] then = ahead.remove(index);
        boolean sent = then == null
                && slice.update() != null
                && slice.update().workers().contains(worker);
        for (int first = 0; first < layout.length(index); first += WireCodec.TILE) {
            int count = Math.min(WireCodec.TILE, layout.length(index) - first);
            long offset = layout.offset(index) + first;
            if (sent) {
                keepResidual(offset, count);
            }
            if (slice.update() == null) {
                new Float32Codec().decode(slice.parameters(), first, global, count);
            } else {
                copy.read(offset, global, count);
                codec.decode(slice.update().values(), first, change, count);
                add(change, global, count);
            }
            copy.write(offset, global, count);
            if (then != null) {
                move(offset, then, first, count);
            }
            parameters.write(offset, global, count);
        }
        versions[index] = to;
    }

    /** Adds to what is global what was trained since the slice was sent. */
    private void move(long offset, float[] then, int first, int count) {
        parameters.read(offset, other, count);
        for (int at = 0; at < count; at++) {
            global[at] = (float) (other[at] + ((double) global[at] - then[first + at]));
        }
    }

    private void resetParameters(int slice) {
        for (int first = 0; first < layout.length(slice); first += WireCodec.TILE) {
            int count = Math.min(WireCodec.TILE, layout.length(slice) - first);
            copy.read(layout.offset(slice) + first, global, count);
            parameters.write(layout.offset(slice) + first, global, count);
        }
    }

    /** What the worker sends of a slice, in the wire format. */
    byte[] contribution(int slice) {
        int length = layout.length(slice);
        byte[] encoded = new byte[codec.bytes(length)];
        for (int first = 0; first < length; first += WireCodec.TILE) {
            int count = Math.min(WireCodec.TILE, length - first);
            readChange(layout.offset(slice) + first, count);
            codec.encode(change, count, encoded, first);
        }
        return encoded;
    }

    /** What the worker sends of a slice ahead of further training, which it remembers until it takes the slice. */
    byte[] sendAhead(int slice) {
        byte[] encoded = contribution(slice);
        float[] then = new float[layout.length(slice)];
        for (int first = 0; first < then.length; first += WireCodec.TILE) {
            int count = Math.min(WireCodec.TILE, then.length - first);
            long offset = layout.offset(slice) + first;
            parameters.read(offset, other, count);
            System.arraycopy(other, 0, then, first, count);
            keepResidual(offset, count);
        }
        ahead.put(slice, then);
        return encoded;
    }

    private void keepResidual(long offset, int count) {
        readChange(offset, count);
        codec.encode(change, count, wire, 0);
        codec.decode(wire, 0, other, count);
        subtract(change, other, count);
        residual.write(offset, change, count);
    }

    /** What is to be sent. */
    private void readChange(long offset, int count) {
        parameters.read(offset, change, count);
        copy.read(offset, other, count);
        subtract(change, other, count);
        residual.read(offset, other, count);
        add(other, change, count);
    }

    private static void add(float[] values, float[] to, int count) {
        for (int at = 0; at < count; at++) {
            to[at] += values[at];
        }
    }

    private static void subtract(float[] from, float[] values, int count) {
        for (int at = 0; at < count; at++) {
            from[at] -= values[at];
        }
    }
}
