package org.sluice.backend.nd4j.cpu;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.sluice.backend.nd4j.HostMemory;
import org.sluice.backend.nd4j.cpu.kernel.VectorMath;
import org.sluice.tensor.DType;
import org.sluice.tensor.Memory;
import org.sluice.tensor.MemoryChecks;
import org.sluice.tensor.OperationChecks;
import org.sluice.tensor.Tensor;

/** Filling, copying and adding on all cores for float32; what goes between types or to the host on one, as {@link HostMemory} does. */
final class CpuMemory implements Memory {
    private final WorkerTeam team;
    private final MemoryChecks checks;
    private final HostMemory host;

    CpuMemory(WorkerTeam team, OperationChecks checks) {
        this.team = team;
        this.checks = new MemoryChecks(checks);
        this.host = new HostMemory(checks);
    }

    @Override
    public void fill(Tensor tensor, double value) {
        checks.fill(tensor, value);
        if (tensor.dtype() != DType.FLOAT32) {
            host.fill(tensor, value);
            return;
        }
        Tiles.run(team, tensor.elements(), (start, count, scratch) -> {
            float[] tile = scratch.floats(0, Scratch.TILE);
            Arrays.fill(tile, 0, count, (float) value);
            Host.view(tensor).put(start, tile, 0, count);
        });
    }

    @Override
    public void copy(Tensor source, Tensor target) {
        checks.copy(source, target);
        if (source.dtype() != DType.FLOAT32) {
            host.copy(source, target);
            return;
        }
        copyFloats(source, 0, target, 0, source.elements());
    }

    @Override
    public void copyPart(Tensor source, long from, Tensor target, long to, long elements) {
        checks.copyPart(source, from, target, to, elements);
        if (source.dtype() != DType.FLOAT32) {
            host.copyPart(source, from, target, to, elements);
            return;
        }
        copyFloats(source, from, target, to, elements);
    }

    private void copyFloats(Tensor source, long from, Tensor target, long to, long elements) {
        Tiles.run(team, elements, (start, count, scratch) -> {
            float[] tile = scratch.floats(0, Scratch.TILE);
            Host.view(source).get(from + start, tile, 0, count);
            Host.view(target).put(to + start, tile, 0, count);
        });
    }

    @Override
    public void addScaled(Tensor source, double factor, Tensor target) {
        checks.addScaled(source, target);
        Tiles.run(team, source.elements(), (start, count, scratch) -> {
            float[] sum = scratch.floats(0, Scratch.TILE);
            float[] addend = scratch.floats(1, Scratch.TILE);
            Host.view(target).get(start, sum, 0, count);
            Host.view(source).get(start, addend, 0, count);
            VectorMath.addScaled(sum, 0, addend, 0, (float) factor, count);
            Host.view(target).put(start, sum, 0, count);
        });
    }

    @Override
    public void cast(Tensor source, Tensor target) {
        host.cast(source, target);
    }

    @Override
    public void write(ByteBuffer source, Tensor target, long offset) {
        host.write(source, target, offset);
    }

    @Override
    public void read(Tensor source, long offset, ByteBuffer target) {
        host.read(source, offset, target);
    }

    @Override
    public void writeInts(int[] source, Tensor target) {
        host.writeInts(source, target);
    }

    @Override
    public void writeDoubles(double[] source, Tensor target) {
        host.writeDoubles(source, target);
    }

    @Override
    public double[] readDoubles(Tensor source) {
        return host.readDoubles(source);
    }

    @Override
    public double scalar(Tensor source) {
        return host.scalar(source);
    }
}
