package org.sluice.backend.nd4j.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.sluice.tensor.Arena;
import org.sluice.tensor.Backend;

/** What must hold for all kernels beside their values: the same on any number of cores, and nothing left on the heap. */
final class CpuKernelsTest {
    /**
     * Operations with matrix products: these are split by cores, and a product of few rows is computed in another order than one of
     * many.
     */
    private static final Set<String> SPLIT_BY_CORES = Set.of("products", "loss");

    private static final long NANOSECONDS = 1_000_000_000L;

    @Test
    void sameBitsOnAnyNumberOfCores() {
        Map<String, byte[]> expected = afterAStep(1);
        for (int cores : new int[] {2, 3, 7}) {
            Map<String, byte[]> found = afterAStep(cores);
            assertThat(found.keySet()).isEqualTo(expected.keySet());
            found.forEach((name, bytes) -> {
                if (SPLIT_BY_CORES.contains(
                        name.substring(0, name.indexOf('.') + 1).replace(".", ""))) {
                    assertThat(relativeDifference(bytes, expected.get(name)))
                            .as("'%s' on %d cores", name, cores)
                            .isLessThan(1e-5);
                } else {
                    assertThat(bytes).as("'%s' on %d cores", name, cores).isEqualTo(expected.get(name));
                }
            });
        }
    }

    private static Map<String, byte[]> afterAStep(int cores) {
        try (Backend backend = new CpuBackendProvider().open(cores);
                Arena arena = backend.newArena("step")) {
            StepOperations step = new StepOperations(backend, arena);
            step.operations().values().forEach(Runnable::run);
            return step.contents();
        }
    }

    private static double relativeDifference(byte[] found, byte[] expected) {
        FloatBuffer left = ByteBuffer.wrap(found).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        FloatBuffer right =
                ByteBuffer.wrap(expected).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < left.limit(); i++) {
            difference += Math.pow(left.get(i) - right.get(i), 2);
            norm += Math.pow(right.get(i), 2);
        }
        return Math.sqrt(difference / norm);
    }

    /**
     * The guard of the kernels' speed. Vectors that the compiler fails to keep in registers are objects on the heap, and then a kernel
     * is ten times slower. Time is too rough a measure of that on a busy machine; allocated bytes are exact. An operation here has some
     * hundred thousand elements, a vector object more than 32 bytes: the limit is far above what a call needs for itself (some hundred
     * bytes), and far below what one vector lost in a loop would cost.
     */
    @Test
    void noOperationLeavesVectorsOnTheHeap() {
        long limit = 10_000;
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Backend backend = new CpuBackendProvider().open(1);
                Arena arena = backend.newArena("step")) {
            new StepOperations(backend, arena).operations().forEach((name, operation) -> {
                long least = Long.MAX_VALUE;
                long deadline = System.nanoTime() + 60 * NANOSECONDS;
                while (least > limit && System.nanoTime() < deadline) {
                    long before = threads.getCurrentThreadAllocatedBytes();
                    operation.run();
                    least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
                }
                assertThat(least)
                        .as("bytes that a call of %s allocates once it is compiled", name)
                        .isLessThanOrEqualTo(limit);
            });
        }
    }
}
