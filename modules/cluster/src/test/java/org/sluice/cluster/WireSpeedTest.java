package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How many bytes of fp32 a core works on in a second. The figures are printed; a busy machine proves nothing, so the limit is low. */
@Tag("slow")
class WireSpeedTest {
    private static final int ELEMENTS = 1 << 20;
    private static final int TIMES = 101;
    private static final double LEAST_GIGABYTES = 0.25;

    @ParameterizedTest
    @EnumSource
    void aCoreKeepsUpWithTheNetwork(WireFormat format) {
        WireCodec codec = format.codec();
        float[] values = values();
        byte[] bytes = new byte[codec.bytes(ELEMENTS)];
        float[] tile = new float[WireCodec.TILE];
        double encode = rate(() -> {
            for (int first = 0; first < ELEMENTS; first += WireCodec.TILE) {
                System.arraycopy(values, first, tile, 0, WireCodec.TILE);
                codec.encode(tile, WireCodec.TILE, bytes, first);
            }
        });
        double decode = rate(() -> {
            for (int first = 0; first < ELEMENTS; first += WireCodec.TILE) {
                codec.decode(bytes, first, tile, WireCodec.TILE);
            }
        });
        Contribution sent = new Contribution(0, List.of(0), 3, List.of(), bytes);
        List<Contribution> two = List.of(sent, new Contribution(0, List.of(1), 5, List.of(), bytes));
        double owner;
        double worker;
        double receive;
        if (format.keepsResiduals()) {
            SliceLayout layout = new SliceLayout(ELEMENTS, ELEMENTS, 1);
            float[] parameters = values();
            GlobalCopy copy = new GlobalCopy(
                    0,
                    layout,
                    format,
                    new ArrayFloats(parameters),
                    new ArrayFloats(new float[ELEMENTS]),
                    new ArrayFloats(new float[ELEMENTS]));
            GlobalSlice global = GlobalSlice.start(0, new byte[ELEMENTS * Float.BYTES], null, null);
            UpdateArithmetic arithmetic = new UpdateArithmetic(OuterOptimizer.nesterov(), 0.7, format);
            owner = rate(() -> arithmetic.next(global, two, Map.of()));
            copy.take(global, -1, 0);
            worker = rate(() -> copy.contribution(0));
            GlobalSlice update = arithmetic.next(global, two, Map.of()).updateOnly();
            long[] version = {0};
            receive = rate(() -> copy.take(update, version[0]++, version[0]));
        } else {
            owner = rate(() -> SliceArithmetic.mean(two));
            worker = encode;
            receive = decode;
        }
        System.out.printf(
                "%s: GB of fp32 a second and core: encode %.1f, decode %.1f; a slice's contribution %.1f, update of the owner (2 workers) %.1f, receive %.1f%n",
                format, encode, decode, worker, owner, receive);
        assertThat(List.of(encode, decode, worker, owner, receive)).allMatch(rate -> rate > LEAST_GIGABYTES);
    }

    private static float[] values() {
        SplittableRandom random = new SplittableRandom(1);
        float[] values = new float[ELEMENTS];
        for (int at = 0; at < ELEMENTS; at++) {
            values[at] = (float) random.nextDouble(-1, 1);
        }
        return values;
    }

    private static double rate(Runnable work) {
        List<Double> seconds = new ArrayList<>();
        for (int time = 0; time < TIMES; time++) {
            long start = System.nanoTime();
            work.run();
            seconds.add((System.nanoTime() - start) * 1e-9);
        }
        return ELEMENTS
                * 4e-9
                / seconds.stream().sorted().skip(TIMES / 2).findFirst().orElseThrow();
    }
}
