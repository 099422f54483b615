package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A flat space of more than 2^31 parameters, of which only the slices around that offset exist: 9 GB of parameters fit no test. What is real
 * are layout, copies, contributions, owners and offsets; Spark only carries slices, whose indices are small.
 */
class DistantSlicesTest {
    private static final long EDGE = 1L << 31;
    private static final int SLICE = 70_001;
    private static final int WORKERS = 2;

    /** The flat space with values only where something was written; elsewhere it refuses to be read. */
    private static final class SparseFloats implements FlatFloats {
        private final TreeMap<Long, float[]> pieces = new TreeMap<>();
        private final boolean zeros;

        SparseFloats(boolean zeros) {
            this.zeros = zeros;
        }

        @Override
        public void read(long offset, float[] target, int count) {
            float[] piece = pieces.get(offset);
            if (piece == null && zeros) {
                Arrays.fill(target, 0, count, 0);
                return;
            }
            assertThat(piece).as("values at %d", offset).hasSize(count);
            System.arraycopy(piece, 0, target, 0, count);
        }

        @Override
        public void write(long offset, float[] source, int count) {
            pieces.put(offset, Arrays.copyOf(source, count));
        }

        void change(int worker, int version) {
            pieces.forEach((offset, piece) -> {
                for (int at = 0; at < piece.length; at++) {
                    piece[at] += ArrayParticipant.change(worker, version, offset + at);
                }
            });
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = WireFormat.class,
            names = {"BF16", "INT8"})
    void slicesAroundTwoToThe31AreExchanged(WireFormat format) {
        SliceLayout layout = SliceLayout.of(EDGE + 3L * SLICE, SLICE, WORKERS, 1);
        int edge = (int) (EDGE / SLICE);
        List<Integer> slices = List.of(edge - 1, edge, edge + 1, layout.slices() - 1);
        assertThat(layout.offset(edge)).isLessThanOrEqualTo(EDGE);
        assertThat(layout.offset(edge + 1)).isGreaterThan(EDGE);
        SparseFloats[] parameters = new SparseFloats[WORKERS];
        GlobalCopy[] copies = new GlobalCopy[WORKERS];
        for (int worker = 0; worker < WORKERS; worker++) {
            parameters[worker] = new SparseFloats(false);
            copies[worker] = new GlobalCopy(
                    worker, layout, format, parameters[worker], new SparseFloats(false), new SparseFloats(true));
        }
        Map<Integer, GlobalSlice> global = new TreeMap<>();
        for (int slice : slices) {
            global.put(slice, ArrayParticipant.initialSlices(layout).read(slice));
            Arrays.stream(copies).forEach(copy -> copy.take(global.get(slice), -1, 0));
        }
        UpdateArithmetic owner = new UpdateArithmetic(OuterOptimizer.nesterov(), 0.7, format);
        for (int version = 0; version < 3; version++) {
            int next = version + 1;
            for (int worker = 0; worker < WORKERS; worker++) {
                parameters[worker].change(worker, version);
            }
            for (int slice : slices) {
                List<Contribution> contributions = List.of(
                        new Contribution(slice, List.of(0), 1, List.of(), copies[0].contribution(slice)),
                        new Contribution(slice, List.of(1), 3, List.of(), copies[1].contribution(slice)));
                global.put(slice, owner.next(global.get(slice), contributions, Map.of()));
                Arrays.stream(copies)
                        .forEach(copy -> copy.take(global.get(slice).updateOnly(), next - 1, next));
            }
        }
        for (int slice : slices) {
            float[] owners = new float[layout.length(slice)];
            ArrayParticipant.floats(global.get(slice).parameters()).get(owners);
            assertThat(owners[0]).isNotEqualTo(ArrayParticipant.initial(layout.offset(slice)));
            for (SparseFloats each : parameters) {
                for (int first = 0; first < owners.length; first += WireCodec.TILE) {
                    assertThat(each.pieces.get(layout.offset(slice) + first))
                            .containsExactly(
                                    Arrays.copyOfRange(owners, first, Math.min(first + WireCodec.TILE, owners.length)));
                }
            }
        }
        assertThat(parameters[0].pieces.lastKey()).isGreaterThan(EDGE);
    }
}
