package org.sluice.backend.nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.sluice.tensor.DType;
import org.sluice.tensor.Shape;

class HostViewTest {
    private static final int SEGMENT = 64;

    private final Nd4jArena arena = new Nd4jArena("views", "cpu", true);
    private final List<INDArray> kept = new ArrayList<>();

    @AfterEach
    void freeMemory() {
        arena.close();
        kept.forEach(INDArray::close);
    }

    @Test
    void floatsAcrossSegments() {
        long seed = System.nanoTime();
        System.out.println("floatsAcrossSegments: seed " + seed);
        Random random = new Random(seed);
        float[] model = new float[203];
        HostView view = small(DType.FLOAT32, model.length);
        for (int copy = 0; copy < 500; copy++) {
            int offset = random.nextInt(model.length + 1);
            int count = random.nextInt(model.length - offset + 1);
            float[] tile = new float[count + 5];
            for (int index = 0; index < tile.length; index++) {
                tile[index] = random.nextFloat();
            }
            view.put(offset, tile, 3, count);
            System.arraycopy(tile, 3, model, offset, count);
            float[] back = new float[model.length + 2];
            view.get(0, back, 1, model.length);
            for (int index = 0; index < model.length; index++) {
                assertThat(back[index + 1])
                        .as("element %d, seed %d", index, seed)
                        .isEqualTo(model[index]);
            }
        }
        assertThat(view.getFloat(202)).isEqualTo(model[202]);
    }

    @Test
    void doublesAndIntegersAcrossSegments() {
        HostView doubles = small(DType.FLOAT64, 50);
        doubles.put(5, new double[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 1, 11);
        double[] back = new double[11];
        doubles.get(5, back, 0, 11);
        assertThat(back).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        assertThat(doubles.getDouble(8)).isEqualTo(4);
        HostView integers = small(DType.INT32, 50);
        integers.put(14, new int[] {7, 8, 9, 10}, 0, 4);
        int[] four = new int[4];
        integers.get(14, four, 0, 4);
        assertThat(four).containsExactly(7, 8, 9, 10);
        assertThat(integers.getInt(16)).isEqualTo(9);
    }

    @Test
    void bytesAcrossSegmentsOfAPart() {
        HostView part = small(DType.INT32, 50).part("part", 10, 30);
        ByteBuffer source = ByteBuffer.allocate(100);
        for (int index = 0; index < 100; index++) {
            source.put((byte) index);
        }
        part.put(2, source.flip());
        assertThat(source.hasRemaining()).isFalse();
        ByteBuffer target = ByteBuffer.allocateDirect(100);
        part.get(2, target);
        assertThat(target.flip()).isEqualTo(source.flip());
        assertThat(part.getInt(2)).isEqualTo(0x03020100);
    }

    @Test
    void boundsAndTypesAreHeld() {
        HostView part = small(DType.FLOAT32, 50).part("part", 10, 30);
        float[] tile = new float[8];
        assertThatThrownBy(() -> part.get(23, tile, 0, 8))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessage("8 elements from element 23 are not inside tensor 'part' of 30 elements");
        assertThatThrownBy(() -> part.put(-1, tile, 0, 8)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> part.put(Long.MAX_VALUE, tile, 0, 8)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> part.get(0, tile, 1, 8)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> part.get(0, new double[8], 0, 8))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("tensor 'part' is FLOAT32 and was accessed as FLOAT64");
    }

    /** Java buffers end at 2 GB and JavaCPP cuts longer ones silently; the tensor here ends behind that. */
    @Test
    @Tag("slow")
    void tensorsOfMoreThanTwoGigabytes() {
        long elements = (1L << 29) + 500;
        Nd4jTensor tensor = arena.allocate("flat", DType.FLOAT32, Shape.of(elements));
        float[] tile = new float[200];
        for (int index = 0; index < tile.length; index++) {
            tile[index] = index + 1;
        }
        for (long offset : new long[] {(1L << 28) - 100, (1L << 29) - 100, elements - 200}) {
            tensor.host().put(offset, tile, 0, 200);
            assertThat(tensor.array().getFloat(offset)).isEqualTo(1);
            assertThat(tensor.array().getFloat(offset + 199)).isEqualTo(200);
            Nd4jTensor part = tensor.slice("part", offset, Shape.of(20, 10));
            part.array().addi(1);
            float[] back = new float[200];
            part.host().get(0, back, 0, 200);
            assertThat(back[0]).isEqualTo(2);
            assertThat(back[199]).isEqualTo(201);
        }
        assertThat(tensor.host().getFloat(elements - 201)).isZero();
    }

    private HostView small(DType dtype, int elements) {
        INDArray root = Nd4j.zeros(Nd4jArena.dataType(dtype), elements);
        kept.add(root);
        return HostView.of(arena, "small", dtype, root, SEGMENT);
    }
}
