package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.model.ExpertCounts;
import org.sluice.model.ExpertRange;

class SliceArithmeticTest {
    private static FloatBuffer floats(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    }

    private static byte[] bytes(float... values) {
        byte[] bytes = new byte[values.length * Float.BYTES];
        floats(bytes).put(values);
        return bytes;
    }

    private static Contribution contribution(int worker, long targets, List<ExpertRun> experts, float... values) {
        return new Contribution(0, List.of(worker), targets, experts, bytes(values));
    }

    @Test
    void theMeanOfOneWorkerIsThatWorkerBitForBit() {
        float[] values = {0f, -0f, 1f, -1.1f, Float.MIN_VALUE, 3.3e38f, 1e-40f, (float) Math.PI};
        for (long weight : new long[] {0, 1, 3, 65_537, 12_345_679}) {
            List<ExpertRun> experts = List.of(new ExpertRun(1, 3, 2 * weight), new ExpertRun(3, 7, 0));
            assertThat(SliceArithmetic.mean(List.of(contribution(0, weight, List.of(), values))))
                    .containsExactly(bytes(values));
            assertThat(SliceArithmetic.mean(List.of(contribution(0, weight, experts, values))))
                    .containsExactly(bytes(values));
        }
    }

    @Test
    void workersWithoutTargetsAreAveragedPlainly() {
        byte[] mean =
                SliceArithmetic.mean(List.of(contribution(0, 0, List.of(), 1f), contribution(1, 0, List.of(), 4f)));
        assertThat(floats(mean).get()).isEqualTo(2.5f);
    }

    @Test
    void anExpertIsWeightedByItsRowsAndByTargetsIfNobodyHadAny() {
        List<ExpertRun> first = List.of(new ExpertRun(1, 2, 3), new ExpertRun(2, 3, 0), new ExpertRun(4, 5, 0));
        List<ExpertRun> second = List.of(new ExpertRun(1, 2, 1), new ExpertRun(2, 3, 0), new ExpertRun(4, 5, 7));
        byte[] mean = SliceArithmetic.mean(
                List.of(contribution(0, 1, first, 0, 0, 0, 0, 0), contribution(1, 9, second, 10, 10, 10, 10, 10)));
        assertThat(mean).containsExactly(bytes(9, 2.5f, 9, 9, 10));
    }

    /** Any two of three workers averaged first: the same but for one rounding to fp32, with experts that one or both never saw. */
    @Test
    void whatWorkersSendTogetherCountsAsAllOfThem() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (long[] targets : new long[][] {{5, 1, 11}, {0, 0, 0}, {0, 0, 3}, {1, 0, 0}}) {
            List<Contribution> all = new ArrayList<>();
            for (int worker = 0; worker < 3; worker++) {
                float[] values = new float[12];
                for (int at = 0; at < values.length; at++) {
                    values[at] = (float) random.nextDouble(-1, 1);
                }
                all.add(contribution(
                        worker,
                        targets[worker],
                        List.of(
                                new ExpertRun(2, 5, random.nextLong(3)),
                                new ExpertRun(5, 6, 0),
                                new ExpertRun(8, 9, worker == 2 ? 4 : 0)),
                        values));
            }
            FloatBuffer expected = floats(SliceArithmetic.mean(all));
            for (int alone = 0; alone < 3; alone++) {
                List<Contribution> two = new ArrayList<>(all);
                Contribution other = two.remove(alone);
                Contribution sum = SliceArithmetic.together(two);
                assertThat(sum.workers()).hasSize(2);
                FloatBuffer mean = floats(SliceArithmetic.mean(List.of(sum, other)));
                for (int at = 0; at < 12; at++) {
                    assertThat(mean.get(at)).isCloseTo(expected.get(at), within(1.2e-7f));
                }
            }
            assertThat(SliceArithmetic.mean(List.of(SliceArithmetic.together(all))))
                    .containsExactly(SliceArithmetic.mean(all));
        }
    }

    /** Slices of every size, so that experts begin and end in the middle of slices, and some take several. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 10, 64, 97, 200})
    void slicesTogetherEqualPlainLoopsOverTheFlatSpace(int sliceElements) {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        int workers = 3;
        int layers = 2;
        int experts = 4;
        List<ExpertRange> ranges = new ArrayList<>();
        int elements = 5;
        for (int layer = 0; layer < layers; layer++) {
            for (int expert = 0; expert < experts; expert++) {
                int size = 1 + random.nextInt(20);
                ranges.add(new ExpertRange(elements, elements + size, layer, expert));
                elements += size;
            }
            elements += random.nextInt(8);
        }
        elements += 3;
        float[][] values = new float[workers][elements];
        long[] targets = {5, 0, 11};
        List<ExpertCounts> counts = new ArrayList<>();
        for (int worker = 0; worker < workers; worker++) {
            for (int at = 0; at < elements; at++) {
                values[worker][at] = (float) random.nextDouble(-1, 1);
            }
            long[] rows = random.longs((long) layers * experts, 0, 4).toArray();
            rows[experts + 1] = 0;
            counts.add(new ExpertCounts(layers, experts, rows));
        }
        float[] expected = expected(values, targets, counts, ranges);
        SliceLayout layout = SliceLayout.of(elements, sliceElements, workers, 1);
        ExpertRuns runs = new ExpertRuns(layout, ranges);
        for (int slice = 0; slice < layout.slices(); slice++) {
            List<Contribution> contributions = new ArrayList<>();
            for (int worker = 0; worker < workers; worker++) {
                float[] part = new float[layout.length(slice)];
                System.arraycopy(values[worker], (int) layout.offset(slice), part, 0, part.length);
                contributions.add(contribution(worker, targets[worker], runs.of(slice, counts.get(worker)), part));
            }
            FloatBuffer mean = floats(SliceArithmetic.mean(contributions));
            for (int at = 0; at < layout.length(slice); at++) {
                assertThat(mean.get(at)).isEqualTo(expected[(int) layout.offset(slice) + at]);
            }
        }
    }

    private static float[] expected(
            float[][] values, long[] targets, List<ExpertCounts> counts, List<ExpertRange> ranges) {
        float[] mean = new float[values[0].length];
        for (int at = 0; at < mean.length; at++) {
            double[] weights = new double[values.length];
            double total = 0;
            for (ExpertRange range : ranges) {
                for (int worker = 0; worker < weights.length && range.from() <= at && at < range.to(); worker++) {
                    weights[worker] = counts.get(worker).at(range.layer(), range.expert());
                    total += weights[worker];
                }
            }
            double sum = 0;
            double all = 0;
            for (int worker = 0; worker < weights.length; worker++) {
                double weight = total == 0 ? targets[worker] : weights[worker];
                sum += weight * values[worker][at];
                all += weight;
            }
            mean[at] = (float) (sum / all);
        }
        return mean;
    }

    @Test
    void expertsOfASpaceBeyondTwoToThe31AreFound() {
        int experts = 128;
        int layers = 40;
        long each = 3L << 20;
        long start = (1L << 31) - 5;
        List<ExpertRange> ranges = new ArrayList<>();
        long[] rows = new long[layers * experts];
        for (int at = 0; at < rows.length; at++) {
            ranges.add(new ExpertRange(start + at * each, start + (at + 1) * each, at / experts, at % experts));
            rows[at] = at;
        }
        SliceLayout layout = SliceLayout.of(start + rows.length * each + 17, 1 << 20, 8, 1);
        ExpertRuns runs = new ExpertRuns(layout, ranges);
        ExpertCounts counts = new ExpertCounts(layers, experts, rows);
        assertThat(runs.of(2046, counts)).isEmpty();
        assertThat(runs.of(2047, counts)).containsExactly(new ExpertRun((1 << 20) - 5, 1 << 20, 0));
        assertThat(runs.of(2048, counts)).containsExactly(new ExpertRun(0, 1 << 20, 0));
        int across = 2047 + 3 * 4001;
        assertThat(layout.offset(across)).isGreaterThan(1L << 33);
        assertThat(runs.of(across, counts))
                .containsExactly(new ExpertRun(0, (1 << 20) - 5, 4000), new ExpertRun((1 << 20) - 5, 1 << 20, 4001));
        int last = layout.slices() - 1;
        assertThat(runs.of(last - 1, counts)).containsExactly(new ExpertRun(0, (1 << 20) - 5, rows.length - 1));
        assertThat(runs.of(last, counts)).isEmpty();
    }
}
