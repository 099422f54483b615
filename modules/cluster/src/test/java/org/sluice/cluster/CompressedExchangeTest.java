package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Rounds in which what changed travels, rounded. */
@Timeout(120)
class CompressedExchangeTest {
    private static final int ELEMENTS = 10_009;
    private static final int EXPERTS_FROM = 505;
    private static JavaSparkContext context;

    private final String run = UUID.randomUUID().toString();

    @BeforeAll
    static void start() {
        context = SparkSessions.local(2);
    }

    @AfterAll
    static void stop() {
        context.stop();
    }

    private RoundOrder order(long version) {
        return ArrayParticipant.order(run, version, 1);
    }

    private static List<WorkerPlacement> placements(int workers) {
        String host = context.sc().env().blockManager().blockManagerId().host();
        return IntStream.range(0, workers)
                .mapToObj(worker -> new WorkerPlacement(worker, "driver", host))
                .toList();
    }

    private static ExchangeRules rules(String optimizer, WireFormat format) {
        OuterOptimizer outer = optimizer.equals("average")
                ? OuterOptimizer.average()
                : new OuterOptimizer(OuterOptimizer.NESTEROV, 0.7, 0.9, OuterOptimizer.COSINE, 0.1);
        return new ExchangeRules(outer, 6, format, false);
    }

    private static float[] collect(GlobalVersion version, SliceLayout layout) {
        float[] all = new float[(int) layout.elements()];
        version.fragments().get(0).state().toJavaRDD().collect().forEach(slice -> ArrayParticipant.floats(
                        slice.parameters())
                .get(all, (int) layout.offset(slice.index()), layout.length(slice.index())));
        return all;
    }

    @ParameterizedTest
    @CsvSource({
        "average,1,BF16,0",
        "average,3,BF16,1300",
        "nesterov,2,BF16,7",
        "average,1,INT8,0",
        "average,3,INT8,1300",
        "nesterov,3,INT8,0",
        "nesterov,2,INT8,7"
    })
    void roundsEqualPlainLoopsAndAllCopiesTheOwners(
            String optimizer, int workers, WireFormat format, int expertElements) {
        SliceLayout layout = new SliceLayout(ELEMENTS, 3000 + expertElements + workers, 3);
        ExchangeRules rules = rules(optimizer, format);
        Exchange exchange = new Exchange(
                context,
                layout,
                rules,
                expertElements == 0
                        ? ArrayParticipant.finder(layout, format)
                        : ArrayParticipant.finder(layout, format, EXPERTS_FROM, expertElements),
                1);
        exchange.startFrom(0, ArrayParticipant.initialSlices(layout), placements(workers));
        SlowExchange slow = new SlowExchange(layout, rules, workers, EXPERTS_FROM, expertElements);
        for (int round = 0; round < 6; round++) {
            ArrayParticipant.round(exchange, order(round), placements(workers));
            slow.round(round);
            assertThat(collect(exchange.current(), layout)).containsExactly(slow.global());
        }
        exchange.bringResiduals(order(6), placements(workers));
        for (int worker = 0; worker < workers; worker++) {
            ArrayParticipant participant = ArrayParticipant.here(run, worker);
            assertThat(participant.parameters()).containsExactly(collect(exchange.current(), layout));
            assertThat(participant.residual()).containsExactly(slow.residual(worker));
        }
        exchange.discard();
        assertThat(context.getPersistentRDDs()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = WireFormat.class,
            names = {"BF16", "INT8"})
    void askingAgainChangesNothing(WireFormat format) {
        SliceLayout layout = new SliceLayout(ELEMENTS, 1000, 3);
        ExchangeRules rules = rules("nesterov", format);
        Participant.Finder finder = ArrayParticipant.finder(layout, format);
        Exchange exchange = new Exchange(context, layout, rules, finder, 1);
        exchange.startFrom(0, ArrayParticipant.initialSlices(layout), placements(2));
        SlowExchange slow = new SlowExchange(layout, rules, 2, 0, 0);
        for (int round = 0; round < 4; round++) {
            ArrayParticipant.round(exchange, order(round), placements(2));
            slow.round(round);
            for (int worker = 0; worker < 2; worker++) {
                Participant participant = finder.find(order(round), worker);
                for (int slice = 0; slice < layout.slices(); slice++) {
                    byte[] first = participant.contribution(order(round), slice).values();
                    assertThat(participant.contribution(order(round), slice).values())
                            .containsExactly(first);
                }
            }
            exchange.bringResiduals(order(round + 1), placements(2));
            exchange.bringResiduals(order(round + 1), placements(2));
        }
        assertThat(collect(exchange.current(), layout)).containsExactly(slow.global());
        exchange.discard();
    }

    @ParameterizedTest
    @EnumSource(
            value = WireFormat.class,
            names = {"BF16", "INT8"})
    void aWorkerThatMissedAVersionTakesItWhole(WireFormat format) {
        SliceLayout layout = new SliceLayout(ELEMENTS, 1000, 3);
        Exchange exchange =
                new Exchange(context, layout, rules("average", format), ArrayParticipant.finder(layout, format), 1);
        exchange.startFrom(0, ArrayParticipant.initialSlices(layout), placements(2));
        ArrayParticipant.round(exchange, order(0), placements(2));
        ArrayParticipant.round(exchange, order(1), placements(1));
        ArrayParticipant.round(exchange, order(2), placements(1));
        assertThat(ArrayParticipant.here(run, 0).takesUpdate(0, 2, 3)).isTrue();
        assertThat(ArrayParticipant.here(run, 1).takesUpdate(0, 2, 3)).isFalse();
        exchange.bringResiduals(order(3), placements(3));
        for (int worker = 0; worker < 3; worker++) {
            assertThat(ArrayParticipant.here(run, worker).parameters())
                    .containsExactly(collect(exchange.current(), layout));
        }
        ArrayParticipant.round(exchange, order(3), placements(3));
        exchange.bringResiduals(order(4), placements(3));
        assertThat(ArrayParticipant.here(run, 2).parameters()).containsExactly(collect(exchange.current(), layout));
        exchange.discard();
    }

    @Test
    void aNumberThatIsNotFiniteReachesTheGlobalParameters() {
        for (WireFormat format : WireFormat.values()) {
            SliceLayout layout = new SliceLayout(1000, 600, 1);
            ExchangeRules rules = rules("average", format);
            Contribution poisoned = new Contribution(0, List.of(0), 1, List.of(), poisoned(format));
            byte[] parameters = new byte[600 * Float.BYTES];
            byte[] next = format.keepsResiduals()
                    ? new UpdateArithmetic(rules.optimizer(), 1, format)
                            .next(GlobalSlice.start(0, parameters, null, null), List.of(poisoned), Map.of())
                            .parameters()
                    : SliceArithmetic.mean(List.of(poisoned));
            assertThat(layout.length(0)).isEqualTo(600);
            assertThat(ArrayParticipant.floats(next).get(300)).isNaN();
            assertThat(ArrayParticipant.floats(next).get(0)).isZero();
        }
    }

    private static byte[] poisoned(WireFormat format) {
        float[] values = new float[600];
        values[300] = Float.NaN;
        byte[] bytes = new byte[format.codec().bytes(600)];
        format.codec().encode(values, 600, bytes, 0);
        return bytes;
    }

    /**
     * A change that is far below the wire format's steps, beside one that sets the steps: with error feedback its sum over many rounds is
     * right within one step; without it nothing of it ever arrives.
     */
    @ParameterizedTest
    @EnumSource(
            value = WireFormat.class,
            names = {"BF16", "INT8"})
    void errorFeedbackBringsWhatRoundingAloneWouldLose(WireFormat format) {
        int rounds = 400;
        float large = 1;
        float small = format == WireFormat.INT8 ? 0.002f : 0.0011f;
        float[] parameters = new float[256];
        GlobalCopy copy = new GlobalCopy(
                0,
                new SliceLayout(256, 256, 1),
                format,
                new ArrayFloats(parameters),
                new ArrayFloats(new float[256]),
                new ArrayFloats(new float[256]));
        UpdateArithmetic owner = new UpdateArithmetic(OuterOptimizer.average(), 1, format);
        GlobalSlice global = GlobalSlice.start(0, new byte[256 * Float.BYTES], null, null);
        copy.take(global, -1, 0);
        double plainly = 0;
        float step = format == WireFormat.INT8 ? small : large + small;
        for (int round = 0; round < rounds; round++) {
            parameters[0] += large;
            parameters[1] += step;
            Contribution sent = new Contribution(0, List.of(0), 1, List.of(), copy.contribution(0));
            global = owner.next(global, List.of(sent), Map.of());
            copy.take(global.updateOnly(), round, round + 1);
            plainly += SlowWire.received(format, new float[] {large, step})[1];
        }
        double truth = rounds * (double) step;
        assertThat(Math.abs(plainly - truth)).isGreaterThan(rounds * 0.001);
        assertThat(Math.abs(ArrayParticipant.floats(global.parameters()).get(1) - truth))
                .isLessThan(2 * 1.0 / 127);
        assertThat(parameters[1])
                .isEqualTo(ArrayParticipant.floats(global.parameters()).get(1));
    }

    @Test
    void whatChangedIsRefusedByACopyThatIsNotOfTheVersionBefore() {
        GlobalCopy copy = new GlobalCopy(
                7,
                new SliceLayout(10, 10, 1),
                WireFormat.BF16,
                new ArrayFloats(new float[10]),
                new ArrayFloats(new float[10]),
                new ArrayFloats(new float[10]));
        GlobalSlice update =
                new GlobalSlice(0, null, null, null, null, new SliceUpdate(new byte[20], List.of(7)), Map.of());
        assertThatThrownBy(() -> copy.take(update, 3, 4))
                .isInstanceOf(WorkerStateException.class)
                .hasMessageContaining("worker 7")
                .hasMessageContaining("from version 3 to 4")
                .hasMessageContaining("no version");
        copy.take(GlobalSlice.start(0, new byte[40], null, null), 1, 2);
        assertThat(copy.takesUpdate(0, 2, 3)).isTrue();
        assertThat(copy.takesUpdate(0, 3, 4)).isFalse();
        assertThatThrownBy(() -> copy.take(update, 3, 4)).hasMessageContaining("is of version 2");
    }

    /** Its contribution was left out: nothing of it was sent, and what was left over before is still to be sent. */
    @Test
    void aWorkerWhoseContributionWasLeftOutKeepsItsResidual() {
        float[] parameters = new float[300];
        float[] residual = new float[300];
        GlobalCopy copy = new GlobalCopy(
                1,
                new SliceLayout(300, 300, 1),
                WireFormat.INT8,
                new ArrayFloats(parameters),
                new ArrayFloats(new float[300]),
                new ArrayFloats(residual));
        copy.take(GlobalSlice.start(0, new byte[1200], null, null), -1, 0);
        List<float[]> residuals = new ArrayList<>();
        for (int version = 1; version <= 3; version++) {
            for (int at = 0; at < 300; at++) {
                parameters[at] += ArrayParticipant.change(1, version, at);
            }
            // Version 2 is made without it.
            List<Integer> workers = version == 2 ? List.of(0) : List.of(0, 1);
            copy.contribution(0);
            byte[] nothing = new byte[WireFormat.INT8.codec().bytes(300)];
            copy.take(
                    new GlobalSlice(0, null, null, null, null, new SliceUpdate(nothing, workers), Map.of()),
                    version - 1,
                    version);
            residuals.add(residual.clone());
        }
        assertThat(residuals.get(0)).isNotEqualTo(new float[300]);
        assertThat(residuals.get(1)).containsExactly(residuals.get(0));
        assertThat(residuals.get(2)).isNotEqualTo(residuals.get(1));
    }
}
