package org.sluice.tensor.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.tensor.DType;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/** Holds {@link org.sluice.tensor.Memory} to its word. */
abstract class MemoryContract extends FamilyContract {

    @Override
    List<Operation> operations(DType dtype) {
        return List.of(
                Operation.named("copy")
                        .reads("source", normal(dtype, 20_011))
                        .writes("target", normal(dtype, 20_011))
                        .calling(a -> backend.memory().copy(a.apply("source"), a.apply("target"))),
                Operation.named("copyPart")
                        .reads("source", normal(dtype, 40_011))
                        .anyShape("source")
                        .writes("target", normal(dtype, 41_003))
                        .anyShape("target")
                        .calling(a -> backend.memory().copyPart(a.apply("source"), 3, a.apply("target"), 1001, 40_000)),
                Operation.named("fill")
                        .writes("tensor", normal(dtype, 20_011))
                        .anyShape("tensor")
                        .anyType("tensor")
                        .calling(a -> backend.memory().fill(a.apply("tensor"), -3.5)),
                Operation.named("cast")
                        .reads("source", normal(dtype, 20_011))
                        .anyType("source")
                        .writes("target", normal(DType.FLOAT64, 20_011))
                        .anyType("target")
                        .calling(a -> backend.memory().cast(a.apply("source"), a.apply("target"))),
                Operation.named("addScaled")
                        .reads("source", normal(dtype, 20_011))
                        .writes("target", normal(dtype, 20_011))
                        .calling(a -> backend.memory().addScaled(a.apply("source"), 0.3, a.apply("target"))));
    }

    @Override
    boolean mayHaveType(Operation operation, DType dtype) {
        return dtype.isFloatingPoint() || operation.name().equals("fill");
    }

    @Test
    void bytesComeBackAsTheyWent() {
        for (DType dtype : DType.values()) {
            for (int count : new int[] {1, 3, 17, 5000, 40_001}) {
                byte[] bytes = new byte[count * dtype.bytes()];
                for (int index = 0; index < bytes.length; index++) {
                    bytes[index] = (byte) random.below(256);
                }
                ByteBuffer source = ByteBuffer.wrap(bytes);
                Tensor tensor = arena.allocate("bytes", dtype, Shape.of(count));
                backend.memory().write(source, tensor, 0);
                assertThat(source.hasRemaining())
                        .as("the position is at the limit")
                        .isFalse();
                ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length);
                backend.memory().read(tensor, 0, direct);
                assertThat(direct.hasRemaining())
                        .as("the position is at the limit")
                        .isFalse();
                byte[] back = new byte[bytes.length];
                direct.flip().get(back);
                // A signalling NaN may come back quiet from a backend that moves numbers as numbers.
                assertThat(withoutNaN(back, dtype))
                        .as("%s, %s", dtype, random.description())
                        .isEqualTo(withoutNaN(bytes, dtype));
            }
        }
    }

    private static byte[] withoutNaN(byte[] bytes, DType dtype) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes.clone()).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < bytes.length; at += dtype.bytes()) {
            if (dtype == DType.FLOAT32 && Float.isNaN(buffer.getFloat(at))) {
                buffer.putFloat(at, Float.NaN);
            }
            if (dtype == DType.FLOAT64 && Double.isNaN(buffer.getDouble(at))) {
                buffer.putDouble(at, Double.NaN);
            }
        }
        return buffer.array();
    }

    @Test
    void partsAreWrittenAndReadLittleEndianWhateverTheBufferSays() {
        Tensor tensor = arena.allocate("part", DType.FLOAT32, Shape.of(4, 5));
        ByteBuffer source = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
        source.position(8);
        source.putFloat(1.5f).putFloat(-2f).putFloat(0.25f).position(8).order(ByteOrder.BIG_ENDIAN);
        backend.memory().write(source, tensor, 7);
        double[] expected = new double[20];
        expected[7] = 1.5;
        expected[8] = -2;
        expected[9] = 0.25;
        assertThat(read(tensor)).containsExactly(expected);
        assertThat(source.position()).isEqualTo(20);
        ByteBuffer target = ByteBuffer.allocate(16);
        target.position(4).limit(12);
        backend.memory().read(tensor, 8, target);
        assertThat(target.position()).isEqualTo(12);
        target.order(ByteOrder.LITTLE_ENDIAN);
        assertThat(target.getFloat(4)).isEqualTo(-2f);
        assertThat(target.getFloat(8)).isEqualTo(0.25f);
    }

    @Test
    void writesAndReadsBeyondTheEndAreRefused() {
        Tensor tensor = arena.allocate("short", DType.FLOAT32, Shape.of(5));
        for (long offset : new long[] {-1, 2, 5, Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertThatThrownBy(() -> backend.memory().write(ByteBuffer.allocate(16), tensor, offset))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessageContainingAll("'short'", "4 elements", Long.toString(offset));
            assertThatThrownBy(() -> backend.memory().read(tensor, offset, ByteBuffer.allocate(16)))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessageContainingAll("'short'", "4 elements", Long.toString(offset));
        }
        assertRefused(() -> backend.memory().write(ByteBuffer.allocate(7), tensor, 0), "write", "7 bytes", "'short'");
        assertRefused(() -> backend.memory().read(tensor, 0, ByteBuffer.allocate(7)), "read", "7 bytes", "'short'");
        assertThat(read(tensor)).containsOnly(0.0);
    }

    @Test
    void integersAndDoublesOfTheSameNumberOnly() {
        Tensor integers = arena.allocate("integers", DType.INT32, Shape.of(2, 2));
        Tensor numbers = arena.allocate("numbers", DType.FLOAT32, Shape.of(2, 2));
        backend.memory().writeInts(new int[] {Integer.MIN_VALUE, -1, 16_777_217, Integer.MAX_VALUE}, integers);
        ByteBuffer back = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        backend.memory().read(integers, 0, back);
        assertThat(new int[] {back.getInt(0), back.getInt(4), back.getInt(8), back.getInt(12)})
                .containsExactly(Integer.MIN_VALUE, -1, 16_777_217, Integer.MAX_VALUE);
        backend.memory().writeDoubles(new double[] {0.1, -1e300, Double.NaN, 1e-50}, numbers);
        assertThat(read(numbers)).containsExactly((float) 0.1, Double.NEGATIVE_INFINITY, Double.NaN, 0.0);
        assertRefused(() -> backend.memory().writeInts(new int[3], integers), "writeInts", "'target'", "3 elements");
        assertRefused(() -> backend.memory().writeInts(new int[4], numbers), "writeInts", "INT32", "FLOAT32");
        assertRefused(() -> backend.memory().writeDoubles(new double[5], numbers), "writeDoubles", "5 elements");
        assertRefused(() -> backend.memory().writeDoubles(new double[4], integers), "writeDoubles", "INT32");
        assertRefused(() -> backend.memory().readDoubles(integers), "readDoubles", "INT32");
        assertRefused(() -> backend.memory().scalar(numbers), "scalar", "4 elements", "1 elements");
    }

    @Test
    void fillOfIntegersTakesWholeNumbers() {
        Tensor integers = arena.allocate("integers", DType.INT32, Shape.of(9));
        backend.memory().fill(integers, -7);
        ByteBuffer back = ByteBuffer.allocate(36).order(ByteOrder.LITTLE_ENDIAN);
        backend.memory().read(integers, 0, back);
        assertThat(back.getInt(0)).isEqualTo(-7);
        assertThat(back.getInt(32)).isEqualTo(-7);
        assertRefused(() -> backend.memory().fill(integers, 0.5), "fill", "0.5", "'integers'");
    }

    @Test
    void castsRoundToTheNearest() {
        double[] values = random.normal(DType.FLOAT64, 10_007, 1);
        Tensor wide = tensor(DType.FLOAT64, values, 10_007);
        Tensor narrow = unset(DType.FLOAT32, 10_007);
        backend.memory().cast(wide, narrow);
        assertThat(read(narrow))
                .as(random.description())
                .containsExactly(
                        Arrays.stream(values).map(value -> (float) value).toArray());
        backend.memory().cast(narrow, wide);
        assertThat(read(wide)).containsExactly(read(narrow));
    }

    @Test
    void copiesKeepEveryType() {
        int[] values = random.tokens(9001, Integer.MAX_VALUE);
        Tensor source = integers(values, 9001);
        Tensor target = arena.allocate("target", DType.INT32, Shape.of(9001));
        backend.memory().copy(source, target);
        assertThat(bytes(target)).isEqualTo(bytes(source));
    }

    @Test
    void aCopiedPartLeavesTheRestAlone() {
        for (DType dtype : DType.values()) {
            int size = dtype.bytes();
            Tensor source = arena.allocate("source", dtype, Shape.of(7, 6_000));
            Tensor target = arena.allocate("target", dtype, Shape.of(50_000));
            for (Tensor tensor : List.of(source, target)) {
                byte[] drawn = new byte[Math.toIntExact(tensor.elements()) * size];
                for (int index = 0; index < drawn.length; index++) {
                    // No byte that could begin a NaN.
                    drawn[index] = (byte) random.below(64);
                }
                backend.memory().write(ByteBuffer.wrap(drawn), tensor, 0);
            }
            for (int count : new int[] {1, 2, 33, 5_000, 41_000}) {
                int from = random.below(42_000 - count + 1);
                int to = random.below(50_000 - count + 1);
                byte[] expected = bytes(target);
                System.arraycopy(bytes(source), from * size, expected, to * size, count * size);
                backend.memory().copyPart(source, from, target, to, count);
                assertThat(bytes(target))
                        .as("%d of %s from %d to %d, %s", count, dtype, from, to, random.description())
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void partsThatAreNotInsideAreRefused() {
        Tensor source = arena.allocate("five", DType.FLOAT32, Shape.of(5));
        Tensor target = arena.allocate("six", DType.FLOAT32, Shape.of(6));
        for (long outside : new long[] {-1, 4, Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertThatThrownBy(() -> backend.memory().copyPart(source, outside, target, 0, 3))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessageContainingAll("'five'", "3 elements", Long.toString(outside));
            assertThatThrownBy(() -> backend.memory().copyPart(source, 0, target, outside, 3))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessageContainingAll("'six'", "3 elements", Long.toString(outside));
        }
        assertRefused(() -> backend.memory().copyPart(source, 0, target, 0, 0), "copyPart", "'elements' is 0");
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void addScaledAndFillOnSlicesLeaveTheRestAlone(DType dtype) {
        double[] before = random.normal(dtype, 20_000, 1);
        double[] source = random.normal(dtype, 9_001, 1);
        Tensor whole = tensor(dtype, before, 20_000);
        backend.memory().addScaled(tensor(dtype, source, 9_001), -0.75, whole.slice("part", 501, Shape.of(9_001)));
        backend.memory().fill(whole.slice("filled", 3, Shape.of(1, 3)), 8);
        double[] expected = before.clone();
        for (int index = 0; index < source.length; index++) {
            expected[501 + index] -= 0.75 * source[index];
        }
        Arrays.fill(expected, 3, 6, 8);
        double[] found = read(whole);
        assertClose("addScaled", whole, expected);
        assertThat(Arrays.copyOf(found, 501)).containsExactly(Arrays.copyOf(expected, 501));
        assertThat(Arrays.copyOfRange(found, 9_502, 20_000)).containsExactly(Arrays.copyOfRange(before, 9_502, 20_000));
    }

    @Test
    void scalarOfEveryShapeOfOneElement() {
        for (DType dtype : new DType[] {DType.FLOAT32, DType.FLOAT64}) {
            for (Shape shape : new Shape[] {Shape.of(), Shape.of(1), Shape.of(1, 1, 1)}) {
                Tensor tensor = arena.allocate("scalar", dtype, shape);
                backend.memory().fill(tensor, 2.5);
                assertThat(backend.memory().scalar(tensor)).isEqualTo(2.5);
                assertThat(read(tensor)).containsExactly(2.5);
            }
        }
    }
}
