package org.sluice.cluster;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sluice.tensor.Arena;
import org.sluice.tensor.Backend;
import org.sluice.tensor.DType;
import org.sluice.tensor.Memory;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;
import org.sluice.training.NamedState;

/** How the parameters of a replica come and go, in the wire format of the training. */
interface ParameterExchange extends AutoCloseable {

    /**
     * @param averaged the state of the replica's optimizer, if it travels too
     */
    static ParameterExchange of(
            int worker, WorkerSetup setup, Backend backend, Tensor parameters, List<Tensor> averaged) {
        WireFormat format = setup.plan().cluster().wireFormat();
        return format.keepsResiduals()
                ? new Changes(worker, setup.layout(), format, backend, parameters)
                : new Whole(setup.layout(), backend.memory(), parameters, averaged);
    }

    /**
     * Whether the worker has one version of a fragment, or parts of that and of another, so that what changed brings it to the other. Always
     * false where the parameters themselves travel.
     */
    boolean takesUpdate(int fragment, long from, long to);

    /**
     * Brings a slice of the replica's parameters to a version. If it was sent ahead, they move by the difference between the version and what
     * they were then, so that what was trained since stays in them.
     */
    void take(GlobalSlice slice, long from, long to);

    /** What is sent of a slice after the local steps. */
    byte[] contribution(int slice);

    /** What is sent of a slice ahead of the local steps that come next; it is remembered until the slice is taken. */
    byte[] sendAhead(int slice);

    /** What rounding left over, where the format has that. */
    Optional<NamedState> residual();

    /** The bytes of the backend's memory that it holds. */
    long allocatedBytes();

    @Override
    void close();

    /** The parameters travel as they are, and behind those of a slice the same elements of each averaged tensor. */
    final class Whole implements ParameterExchange {
        private final SliceLayout layout;
        private final Memory memory;
        private final Tensor parameters;
        private final List<Tensor> averaged;
        private final Map<Integer, byte[]> ahead = new HashMap<>();

        Whole(SliceLayout layout, Memory memory, Tensor parameters, List<Tensor> averaged) {
            this.layout = layout;
            this.memory = memory;
            this.parameters = parameters;
            this.averaged = averaged;
        }

        @Override
        public boolean takesUpdate(int fragment, long from, long to) {
            return false;
        }

        @Override
        public void take(GlobalSlice slice, long from, long to) {
            byte[] sent = ahead.remove(slice.index());
            if (sent == null) {
                write(slice);
            } else {
                move(slice, sent);
            }
        }

        private void move(GlobalSlice slice, byte[] sent) {
            long offset = layout.offset(slice.index());
            byte[] trained = new byte[sent.length];
            memory.read(parameters, offset, ByteBuffer.wrap(trained));
            SliceArithmetic.move(trained, sent, slice.parameters());
            memory.write(ByteBuffer.wrap(trained), parameters, offset);
        }

        private void write(GlobalSlice slice) {
            long offset = layout.offset(slice.index());
            memory.write(ByteBuffer.wrap(slice.parameters()), parameters, offset);
            int bytes = slice.parameters().length;
            byte[] moments = slice.moments() == null ? new byte[averaged.size() * bytes] : slice.moments();
            for (int at = 0; at < averaged.size(); at++) {
                memory.write(ByteBuffer.wrap(moments, at * bytes, bytes), averaged.get(at), offset);
            }
        }

        @Override
        public byte[] contribution(int slice) {
            int length = layout.length(slice) * Float.BYTES;
            byte[] bytes = new byte[(1 + averaged.size()) * length];
            memory.read(parameters, layout.offset(slice), ByteBuffer.wrap(bytes, 0, length));
            for (int at = 0; at < averaged.size(); at++) {
                memory.read(averaged.get(at), layout.offset(slice), ByteBuffer.wrap(bytes, (1 + at) * length, length));
            }
            return bytes;
        }

        @Override
        public byte[] sendAhead(int slice) {
            byte[] bytes = contribution(slice);
            ahead.put(slice, bytes);
            return bytes;
        }

        @Override
        public Optional<NamedState> residual() {
            return Optional.empty();
        }

        @Override
        public long allocatedBytes() {
            return 0;
        }

        @Override
        public void close() {
            // It holds nothing.
        }
    }

    /** Changes travel. Copy and residual take 8 bytes a parameter of the backend's memory. */
    final class Changes implements ParameterExchange {
        private final Arena arena;
        private final Tensor residual;
        private final GlobalCopy copy;

        Changes(int worker, SliceLayout layout, WireFormat format, Backend backend, Tensor parameters) {
            this.arena = backend.newArena("exchange");
            try {
                Shape shape = Shape.of(layout.elements());
                Tensor global = arena.allocate("global", DType.FLOAT32, shape);
                this.residual = arena.allocate("residual", DType.FLOAT32, shape);
                Memory memory = backend.memory();
                this.copy = new GlobalCopy(
                        worker,
                        layout,
                        format,
                        new TensorFloats(memory, parameters),
                        new TensorFloats(memory, global),
                        new TensorFloats(memory, residual));
            } catch (RuntimeException | Error failure) {
                arena.close();
                throw failure;
            }
        }

        @Override
        public boolean takesUpdate(int fragment, long from, long to) {
            return copy.takesUpdate(fragment, from, to);
        }

        @Override
        public void take(GlobalSlice slice, long from, long to) {
            copy.take(slice, from, to);
        }

        @Override
        public byte[] sendAhead(int slice) {
            return copy.sendAhead(slice);
        }

        @Override
        public byte[] contribution(int slice) {
            return copy.contribution(slice);
        }

        @Override
        public long allocatedBytes() {
            return arena.allocatedBytes();
        }

        @Override
        public Optional<NamedState> residual() {
            return Optional.of(new NamedState("residual", residual));
        }

        @Override
        public void close() {
            arena.close();
        }
    }
}
