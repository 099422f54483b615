package org.sluice.tensor.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sluice.tensor.Arena;
import org.sluice.tensor.DType;
import org.sluice.tensor.OutOfDeviceMemoryException;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/** Holds {@link Arena} and {@link Tensor} to their word. */
abstract class ArenaContract extends FamilyContract {

    @Override
    List<Operation> operations(DType dtype) {
        return List.of(Operation.named("fill")
                .writes("tensor", normal(dtype, 31))
                .anyShape("tensor")
                .anyType("tensor")
                .calling(a -> backend.memory().fill(a.apply("tensor"), 1)));
    }

    @Override
    boolean mayHaveType(Operation operation, DType dtype) {
        return true;
    }

    @Test
    void allocationsAreZeroAndCountedExactly() {
        assertThat(arena.allocatedBytes()).isZero();
        long bytes = 0;
        for (DType dtype : DType.values()) {
            for (long elements : new long[] {1, 3, 17, 100_003}) {
                Tensor tensor = arena.allocate("zeros", dtype, Shape.of(elements));
                bytes += elements * dtype.bytes();
                assertThat(arena.allocatedBytes()).isEqualTo(bytes);
                assertThat(tensor.dtype()).isEqualTo(dtype);
                assertThat(tensor.shape()).isEqualTo(Shape.of(elements));
                assertThat(tensor.name()).isEqualTo("zeros");
                assertThat(bytes(tensor)).containsOnly(0);
            }
        }
        assertThat(arena.name()).isEqualTo("contract");
    }

    @Test
    void viewsShareMemoryAndCountNothing() {
        Tensor whole = arena.allocate("whole", DType.FLOAT64, Shape.of(4, 6));
        long bytes = arena.allocatedBytes();
        Tensor part = whole.slice("part", 5, Shape.of(2, 3));
        Tensor nested = part.slice("nested", 2, Shape.of(2)).reshape(Shape.of(2, 1));
        assertThat(arena.allocatedBytes()).isEqualTo(bytes);
        assertThat(part.name()).isEqualTo("part");
        assertThat(nested.shape()).isEqualTo(Shape.of(2, 1));
        backend.memory().writeDoubles(new double[] {1, 2, 3, 4, 5, 6}, part);
        backend.memory().fill(nested, 9);
        double[] expected = new double[24];
        System.arraycopy(new double[] {1, 2, 9, 9, 5, 6}, 0, expected, 5, 6);
        assertThat(read(whole)).containsExactly(expected);
        assertThat(read(whole.reshape(Shape.of(24)).slice("again", 7, Shape.of(1))))
                .containsExactly(9);
    }

    @Test
    void viewsThatDoNotFitAreRefused() {
        Tensor whole = arena.allocate("whole", DType.FLOAT32, Shape.of(4, 6));
        for (long offset : new long[] {-1, 19, 24, 25, Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertThatThrownBy(() -> whole.slice("part", offset, Shape.of(2, 3)))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessageContainingAll("'part'", "'whole'", Long.toString(offset));
        }
        assertRefused(() -> whole.reshape(Shape.of(5, 5)), "'whole'", "24", "25");
    }

    @Test
    void nothingOfAClosedArenaCanBeUsed() {
        Arena closed = backend.newArena("replica");
        Tensor tensor = closed.allocate("layers.3.query", DType.FLOAT32, Shape.of(4));
        Tensor view = tensor.slice("layers.3.part", 1, Shape.of(2));
        assertThat(closed.isClosed()).isFalse();
        closed.close();
        closed.close();
        assertThat(closed.isClosed()).isTrue();
        assertThat(closed.allocatedBytes()).isZero();
        assertThatThrownBy(() -> backend.memory().readDoubles(tensor))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("'layers.3.query'", "'replica'");
        assertThatThrownBy(() -> backend.memory().write(ByteBuffer.allocate(4), view, 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("'layers.3.part'", "'replica'");
        assertThatThrownBy(() -> view.slice("more", 0, Shape.of(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("'layers.3.part'", "'replica'");
        assertThatThrownBy(() -> tensor.reshape(Shape.of(2, 2)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("'layers.3.query'", "'replica'");
        assertThatThrownBy(() -> closed.allocate("late", DType.FLOAT32, Shape.of(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("'late'", "'replica'");
    }

    @Test
    void arenasAreIndependent() {
        Tensor mine = tensor(DType.FLOAT64, new double[] {1, 2, 3}, 3);
        try (Arena other = backend.newArena("other")) {
            backend.memory().fill(other.allocate("theirs", DType.FLOAT64, Shape.of(3)), 7);
        }
        assertThat(read(mine)).containsExactly(1, 2, 3);
    }

    @Test
    void whatCannotBeHadIsRefusedAndTheArenaGoesOn() {
        assertThatThrownBy(() -> arena.allocate("giant", DType.FLOAT64, Shape.of(1L << 30, 1L << 14)))
                .isInstanceOf(OutOfDeviceMemoryException.class)
                .hasMessageContainingAll("'giant'", "'contract'", Long.toString(1L << 47), "holds 0 bytes");
        assertThat(arena.allocatedBytes()).isZero();
        assertThat(read(tensor(DType.FLOAT64, new double[] {4}, 1))).containsExactly(4);
    }
}
