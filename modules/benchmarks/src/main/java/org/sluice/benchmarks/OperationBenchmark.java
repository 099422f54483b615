package org.sluice.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.sluice.tensor.Arena;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;
import org.sluice.tensor.DType;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/** A family of benchmarks: each of their methods calls one operation of the contract once, on tensors that are there before. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 2, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public abstract class OperationBenchmark {
    /** The cores that operations are spread over. */
    @Param("2")
    public int cores;

    private Backend backend;
    private Arena arena;

    /** Opens the backend and makes the tensors. */
    @Setup
    public void open() {
        open(Backends.open(Backends.AUTOMATIC, cores));
    }

    /** Makes the tensors on a backend, which {@link #close} closes. */
    final void open(Backend opened) {
        backend = opened;
        arena = opened.newArena("benchmark");
        prepare();
    }

    /** Makes the tensors, and puts into them what the operations need to find. */
    abstract void prepare();

    @TearDown
    public void close() {
        arena.close();
        backend.close();
    }

    final Backend backend() {
        return backend;
    }

    /** A float32 tensor of numbers in -1..1, the same in every run. */
    final Tensor numbers(long... dimensions) {
        Tensor tensor = arena.allocate("numbers", DType.FLOAT32, Shape.of(dimensions));
        double[] values = new double[Math.toIntExact(tensor.elements())];
        long state = 1;
        for (int index = 0; index < values.length; index++) {
            state = state * 6364136223846793005L + 1442695040888963407L;
            values[index] = (state >> 40) / (double) (1 << 23);
        }
        backend.memory().writeDoubles(values, tensor);
        return tensor;
    }

    /** An int32 tensor of zeros. */
    final Tensor integers(long... dimensions) {
        return arena.allocate("integers", DType.INT32, Shape.of(dimensions));
    }

    /** A float64 tensor of zeros. */
    final Tensor doubles(long... dimensions) {
        return arena.allocate("doubles", DType.FLOAT64, Shape.of(dimensions));
    }

    /** The token of each row: all of the vocabulary, in no order. */
    final Tensor tokens() {
        int[] ids = new int[BenchModel.ROWS];
        for (int row = 0; row < ids.length; row++) {
            ids[row] = row * 31 % BenchModel.VOCABULARY;
        }
        Tensor tokens = integers(ids.length);
        backend.memory().writeInts(ids, tokens);
        return tokens;
    }
}
