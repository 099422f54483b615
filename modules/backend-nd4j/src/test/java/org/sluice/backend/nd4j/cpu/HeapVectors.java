package org.sluice.backend.nd4j.cpu;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.sluice.backend.nd4j.cpu.kernel.MultiplyAddKernel;
import org.sluice.backend.nd4j.cpu.kernel.VectorMath;
import org.sluice.tensor.Arena;
import org.sluice.tensor.Backend;

/**
 * Prints the bytes that each operation allocates on the Java heap once it is compiled, and whether they are too many.
 *
 * <p>Vectors that the compiler fails to keep in registers are objects on the heap, and then a kernel is ten times slower. Time is too
 * rough a measure of that on a busy machine; allocated bytes are exact. An operation here has some hundred thousand elements, a vector
 * object more than 32 bytes: the limit is far above what a call needs for itself (some hundred bytes), and far below what one vector
 * lost in a loop would cost.
 *
 * <p>Vectors of all sizes are used first, so that the compiler cannot conclude from there being one that all are of it.
 */
public final class HeapVectors {
    static final String TOO_MANY = "too many";

    private static final long LIMIT = 10_000;
    private static final long NANOSECONDS = 1_000_000_000L;

    private HeapVectors() {}

    public static void main(String[] arguments) {
        loadAllSizes();
        try (Backend backend = new CpuBackendProvider().open(1);
                Arena arena = backend.newArena("step")) {
            new StepOperations(backend, arena).operations().forEach(HeapVectors::print);
        }
        float[] lanes = new float[VectorMath.LANES];
        print("multiply-adds of the machine's peak", () -> MultiplyAddKernel.run(10_000, 0.9f, 0.1f, lanes));
    }

    private static void print(String name, Runnable operation) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        long deadline = System.nanoTime() + 20 * NANOSECONDS;
        while (least > LIMIT && System.nanoTime() < deadline) {
            long before = threads.getCurrentThreadAllocatedBytes();
            operation.run();
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        System.out.printf(
                Locale.ROOT, "%-40s %10d bytes %s%n", name, least, least > LIMIT ? TOO_MANY : "are few enough");
    }

    private static void loadAllSizes() {
        for (VectorSpecies<Float> species : List.of(
                FloatVector.SPECIES_64, FloatVector.SPECIES_128, FloatVector.SPECIES_256, FloatVector.SPECIES_512)) {
            float[] numbers = new float[species.length()];
            FloatVector one = FloatVector.broadcast(species, 1f);
            one.fma(one, one)
                    .add(one)
                    .blend(one, one.compare(VectorOperators.GT, one))
                    .intoArray(numbers, 0);
        }
    }
}
