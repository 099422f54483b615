package org.sluice.backend.nd4j.cpu;

import org.sluice.backend.nd4j.Nd4jArena;
import org.sluice.backend.nd4j.cpu.kernel.MultiplyAddKernel;
import org.sluice.tensor.Arena;
import org.sluice.tensor.DType;
import org.sluice.tensor.MachineSpeed;
import org.sluice.tensor.Memory;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/**
 * Measures what the cores of a team and the memory behind them do at most.
 *
 * <p>Of several short runs the best counts: other work on the machine, and code that is not compiled yet, only make a run longer.
 */
final class MachineMeasurement {
    private static final long NANOSECONDS_OF_EACH = 500_000_000L;
    private static final int LEAST_RUNS = 10;

    /** Multiply-adds of one call: few, so that the kernel is compiled for being called often and not in the midst of its loop. */
    private static final int STEPS = 10_000;
    /** Calls of a run, which together take long enough that starting the team does not count. */
    private static final int CALLS = 100;

    /** 64 MiB. */
    private static final long COPIED_FLOATS = 16 << 20;

    private final WorkerTeam team;
    private final Memory memory;

    MachineMeasurement(WorkerTeam team, Memory memory) {
        this.team = team;
        this.memory = memory;
    }

    MachineSpeed measure() {
        return new MachineSpeed(multiplyAdds() / 1e9, copying() / 1e9);
    }

    /** Floating-point operations a second of all cores at once. */
    private double multiplyAdds() {
        int cores = team.cores();
        double seconds = best(() -> team.run(cores, (part, scratch) -> {
            for (int call = 0; call < CALLS; call++) {
                MultiplyAddKernel.run(STEPS, 0.999f, 1e-3f, scratch.lanes());
            }
        }));
        return MultiplyAddKernel.operations(STEPS) * CALLS * cores / seconds;
    }

    /** Bytes a second that are read and written while a tensor is copied. */
    private double copying() {
        try (Arena arena = new Nd4jArena("speed of copying", CpuBackend.NAME, true)) {
            Tensor source = arena.allocate("source", DType.FLOAT32, Shape.of(COPIED_FLOATS));
            Tensor target = arena.allocate("target", DType.FLOAT32, Shape.of(COPIED_FLOATS));
            return 2.0 * DType.FLOAT32.bytes() * COPIED_FLOATS / best(() -> memory.copy(source, target));
        }
    }

    /** The seconds of the shortest run. */
    private static double best(Runnable run) {
        long best = Long.MAX_VALUE;
        long until = System.nanoTime() + NANOSECONDS_OF_EACH;
        for (int count = 0; count < LEAST_RUNS || System.nanoTime() < until; count++) {
            long start = System.nanoTime();
            run.run();
            best = Math.min(best, System.nanoTime() - start);
        }
        return best / 1e9;
    }
}
