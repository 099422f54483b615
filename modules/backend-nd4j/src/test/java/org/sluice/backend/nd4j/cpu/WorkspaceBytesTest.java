package org.sluice.backend.nd4j.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.tensor.Arena;
import org.sluice.tensor.Backend;
import org.sluice.tensor.DType;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

class WorkspaceBytesTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void transposedProductsHoldNoMoreThanTheirLeftOperand(int cores) {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        try (Backend backend = new CpuBackendProvider().open(cores);
                Arena arena = backend.newArena("products")) {
            long bound = 0;
            long before = 0;
            for (int attempt = 0; attempt < 50; attempt++) {
                int inner = random.nextInt(1, 200);
                int rows = random.nextInt(1, 600);
                int columns = random.nextInt(1, 50);
                Tensor left = arena.allocate("left", DType.FLOAT32, Shape.of(inner, rows));
                Tensor right = arena.allocate("right", DType.FLOAT32, Shape.of(inner, columns));
                Tensor out = arena.allocate("out", DType.FLOAT32, Shape.of(rows, columns));
                backend.linearAlgebra().matmul(left, true, right, false, out, true);
                int roundedUp = (rows + cores - 1) / cores * cores;
                bound = Math.max(bound, (long) inner * roundedUp * Float.BYTES);
                assertThat(backend.workspaceBytes()).isBetween(before, bound);
                before = backend.workspaceBytes();
            }
            assertThat(before > 0).as("whether there is any").isEqualTo(cores > 1);
        }
    }

    @Test
    void weightGradientsOfAMixtureHoldAtMost15OfAnExpert() {
        int inner = 24;
        int columns = 16;
        int rows = 8192;
        long weight = (long) inner * columns * Float.BYTES;
        try (Backend backend = new CpuBackendProvider().open(1);
                Arena arena = backend.newArena("mixture")) {
            Tensor left = arena.allocate("left", DType.FLOAT32, Shape.of(rows, inner));
            Tensor outGradient = arena.allocate("outGradient", DType.FLOAT32, Shape.of(rows, columns));
            Tensor gradient = arena.allocate("gradient", DType.FLOAT32, Shape.of(2, columns, inner));
            Tensor offsets = arena.allocate("offsets", DType.INT32, Shape.of(3));
            for (int second : new int[] {0, 1, 300, rows / 2, rows}) {
                backend.memory().writeInts(new int[] {0, second, rows}, offsets);
                backend.mixture().groupedWeightGradient(outGradient, left, offsets, gradient);
                assertThat(backend.workspaceBytes()).isBetween(weight, 15 * weight);
            }
            assertThat(backend.workspaceBytes()).isEqualTo(15 * weight);
        }
    }
}
