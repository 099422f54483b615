package org.sluice.backend.nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.factory.Nd4j;
import org.sluice.tensor.DType;
import org.sluice.tensor.OutOfDeviceMemoryException;
import org.sluice.tensor.Shape;

class Nd4jArenaTest {

    @Test
    void closingFreesNativeMemoryAtOnce() {
        long mega = 1L << 20;
        Nd4jArena arena = new Nd4jArena("replica", "cpu", true);
        arena.allocate("warm-up", DType.FLOAT32, Shape.of(1));
        long before = Pointer.physicalBytes();
        Nd4jTensor tensor = arena.allocate("parameters", DType.FLOAT32, Shape.of(128 * mega));
        tensor.array().assign(1);
        assertThat(Pointer.physicalBytes() - before).isGreaterThan(400 * mega);
        arena.close();
        assertThat(Pointer.physicalBytes() - before).isLessThan(200 * mega);
        assertThat(arena.allocatedBytes()).isZero();
    }

    @Test
    void arraysAreViewsOfTheTensorsMemoryInRowMajorOrder() {
        try (Nd4jArena arena = new Nd4jArena("replica", "cpu", true)) {
            Nd4jTensor whole = arena.allocate("whole", DType.FLOAT32, Shape.of(5, 7));
            Nd4jTensor part = whole.slice("part", 9, Shape.of(2, 3, 4));
            assertThat(part.array().shape()).containsExactly(2, 3, 4);
            assertThat(part.array().ordering()).isEqualTo('c');
            assertThat(part.array().stride()).containsExactly(12, 4, 1);
            part.array().putScalar(new long[] {1, 2, 3}, 8);
            assertThat(whole.array().getDouble(4, 4)).isEqualTo(8);
            assertThat(whole.host().getFloat(32)).isEqualTo(8);
            assertThat(part.array()).isSameAs(part.array());
            assertThat(whole.slice("one", 32, Shape.of()).array().rank()).isZero();
        }
    }

    @Test
    void memoryStaysWhenOnlyTheArenaHoldsIt() {
        try (Nd4jArena arena = new Nd4jArena("replica", "cpu", true)) {
            HostView view =
                    arena.allocate("kept", DType.FLOAT64, Shape.of(1000)).host();
            view.put(999, new double[] {2.5}, 0, 1);
            for (int round = 0; round < 3; round++) {
                System.gc();
                Nd4j.ones(100_000);
            }
            assertThat(view.getDouble(999)).isEqualTo(2.5);
        }
    }

    @Test
    void workspacesDoNotOwnTensors() {
        try (Nd4jArena arena = new Nd4jArena("replica", "cpu", true)) {
            Nd4jTensor tensor;
            try (MemoryWorkspace workspace = Nd4j.getWorkspaceManager().getAndActivateWorkspace("passing")) {
                tensor = arena.allocate("outlives", DType.FLOAT32, Shape.of(10));
                assertThat(tensor.array().isAttached()).isFalse();
                tensor.array().assign(3);
            }
            Nd4j.getWorkspaceManager().destroyAllWorkspacesForCurrentThread();
            assertThat(tensor.array().sumNumber().doubleValue()).isEqualTo(30);
        }
    }

    @Test
    void everyWayToAClosedArenasMemoryIsShut() {
        Nd4jArena arena = new Nd4jArena("replica", "cpu", true);
        Nd4jTensor tensor = arena.allocate("layers.0.query", DType.FLOAT32, Shape.of(8));
        HostView view = tensor.host();
        arena.close();
        assertThatThrownBy(tensor::array)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("tensor 'layers.0.query' was used after its arena 'replica' had been closed");
        assertThatThrownBy(tensor::host).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> view.get(0, new float[8], 0, 8))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("'layers.0.query'", "'replica'");
        assertThatThrownBy(() -> view.put(0, new float[8], 0, 8)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void withoutHostAccessThereIsNoHostView() {
        try (Nd4jArena arena = new Nd4jArena("oracle", "reference", false)) {
            Nd4jTensor tensor = arena.allocate("x", DType.FLOAT32, Shape.of(2));
            assertThatThrownBy(tensor::host)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll("'x'", "'oracle'", "'reference'");
        }
    }

    @Test
    void tensorsOfAnotherNd4jBackendAreRefused() {
        try (Nd4jArena arena = new Nd4jArena("oracle", "reference", false)) {
            Nd4jTensor tensor = arena.allocate("x", DType.FLOAT32, Shape.of(2));
            assertThatThrownBy(() -> new Nd4jTensorOwner("cpu").require("matmul", "left", tensor))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("matmul", "'left'", "'x'", "'reference'", "'cpu'");
        }
    }

    @Test
    void refusalsSayWhatWasAskedForAndWhatIsHeld() {
        try (Nd4jArena arena = new Nd4jArena("replica", "cpu", true)) {
            arena.allocate("small", DType.FLOAT64, Shape.of(10));
            assertThatThrownBy(() -> arena.allocate("giant", DType.FLOAT64, Shape.of(1L << 40)))
                    .isInstanceOf(OutOfDeviceMemoryException.class)
                    .hasMessageContainingAll(
                            "'giant'", "FLOAT64 [1099511627776]", "8796093022208 bytes", "'replica'", "holds 80 bytes");
            assertThat(arena.allocatedBytes()).isEqualTo(80);
            assertThatThrownBy(() -> arena.allocate("more than a long", DType.FLOAT64, Shape.of(Long.MAX_VALUE)))
                    .isInstanceOf(OutOfDeviceMemoryException.class)
                    .hasMessageContaining("'more than a long'");
        }
    }
}
