package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sluice.training.RoutedBatch;

@Timeout(120)
class ExchangeTest {
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

    private static ExchangeRules rules(OuterOptimizer optimizer) {
        return new ExchangeRules(optimizer, 10, WireFormat.FP32, false);
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

    private static float[] collect(GlobalVersion version, SliceLayout layout, boolean momentum) {
        float[] all = new float[(int) layout.elements()];
        List<GlobalSlice> slices =
                version.fragments().get(0).state().toJavaRDD().collect();
        assertThat(slices).hasSize(layout.slices());
        slices.forEach(slice -> ArrayParticipant.floats(momentum ? slice.momentum() : slice.parameters())
                .get(all, (int) layout.offset(slice.index()), layout.length(slice.index())));
        return all;
    }

    /** Plain loops: what the parameters are after some rounds, with experts of some elements from an element on, or none. */
    private static float[] expected(
            int elements, int workers, int rounds, OuterOptimizer optimizer, int from, int expertElements) {
        float[] global = new float[elements];
        float[] momentum = new float[elements];
        for (int at = 0; at < elements; at++) {
            global[at] = ArrayParticipant.initial(at);
            int expert = expertElements == 0 || at < from ? Integer.MAX_VALUE : (at - from) / expertElements;
            for (int round = 0; round < rounds; round++) {
                double sum = 0;
                double weights = 0;
                double[] ofWorkers = weights(workers, round, expert);
                for (int worker = 0; worker < workers; worker++) {
                    float local = global[at] + ArrayParticipant.change(worker, round, at);
                    sum += (double) local * ofWorkers[worker];
                    weights += ofWorkers[worker];
                }
                float mean = (float) (sum / weights);
                if (optimizer.keepsMomentum()) {
                    double delta = (double) global[at] - mean;
                    double speed = optimizer.momentum() * momentum[at] + delta;
                    momentum[at] = (float) speed;
                    global[at] =
                            (float) (global[at] - optimizer.learningRate() * (delta + optimizer.momentum() * speed));
                } else {
                    global[at] = mean;
                }
            }
        }
        return global;
    }

    /** The weight of each worker in a round, for an expert or, beyond the experts, for all else. */
    static double[] weights(int workers, int round, int expert) {
        double[] weights = new double[workers];
        if (expert < ArrayParticipant.LAYERS * ArrayParticipant.EXPERTS) {
            Arrays.setAll(
                    weights,
                    worker -> ArrayParticipant.rows(
                            worker, round, expert / ArrayParticipant.EXPERTS, expert % ArrayParticipant.EXPERTS));
        }
        if (Arrays.stream(weights).sum() == 0) {
            Arrays.setAll(weights, ArrayParticipant::weight);
        }
        return weights;
    }

    @ParameterizedTest
    @CsvSource({
        "average,1,1,false",
        "average,3,4,false",
        "average,2,3,false",
        "nesterov,1,3,false",
        "nesterov,3,4,false",
        "average,3,4,true",
        "nesterov,2,3,true"
    })
    void roundsEqualPlainLoops(String name, int workers, int rounds, boolean partialSums) {
        int elements = 10_007;
        OuterOptimizer optimizer = name.equals("average") ? OuterOptimizer.average() : OuterOptimizer.nesterov();
        SliceLayout layout = new SliceLayout(elements, 1000, 4);
        ExchangeRules rules = new ExchangeRules(optimizer, 10, WireFormat.FP32, partialSums);
        Exchange exchange = new Exchange(context, layout, rules, ArrayParticipant.finder(layout), 1);
        exchange.startFrom(0, ArrayParticipant.initialSlices(layout), placements(workers));
        for (int round = 0; round < rounds; round++) {
            List<WorkerReport> reports = ArrayParticipant.round(exchange, order(round), placements(workers));
            assertThat(reports.stream().map(WorkerReport::worker))
                    .containsExactlyElementsOf(
                            IntStream.range(0, workers).boxed().toList());
            assertThat(reports.get(workers - 1).targets()).isEqualTo(ArrayParticipant.weight(workers - 1));
        }
        assertThat(exchange.current().number()).isEqualTo(rounds);
        assertThat(collect(exchange.current(), layout, false))
                .containsExactly(expected(elements, workers, rounds, optimizer, 0, 0));
        if (optimizer.keepsMomentum()) {
            assertThat(exchange.current()
                            .fragments()
                            .get(0)
                            .parameters()
                            .toJavaRDD()
                            .collect())
                    .allSatisfy(slice -> assertThat(slice.momentum()).isNull());
        }
        exchange.discard();
        assertThat(context.getPersistentRDDs()).isEmpty();
    }

    /** Experts that are longer and shorter than a slice, and begin in the middle of one. */
    @ParameterizedTest
    @CsvSource({"average,1,1300", "average,3,1300", "nesterov,2,1300", "average,3,7"})
    void expertsAreWeightedByTheirRows(String name, int workers, int expertElements) {
        int elements = 10_009;
        OuterOptimizer optimizer = name.equals("average") ? OuterOptimizer.average() : OuterOptimizer.nesterov();
        SliceLayout layout = new SliceLayout(elements, 1000 + expertElements + workers, 4);
        Exchange exchange = new Exchange(
                context,
                layout,
                rules(optimizer),
                ArrayParticipant.finder(layout, WireFormat.FP32, 505, expertElements),
                1);
        exchange.startFrom(0, ArrayParticipant.initialSlices(layout), placements(workers));
        for (int round = 0; round < 3; round++) {
            ArrayParticipant.round(exchange, order(round), placements(workers));
        }
        assertThat(collect(exchange.current(), layout, false))
                .containsExactly(expected(elements, workers, 3, optimizer, 505, expertElements));
        exchange.discard();
    }

    @Test
    void theNormOfEachWorkersChangeIsTold() {
        int elements = 10_009;
        SliceLayout layout = new SliceLayout(elements, 1000, 4);
        Exchange exchange =
                new Exchange(context, layout, rules(OuterOptimizer.average()), ArrayParticipant.finder(layout), 1);
        exchange.startFrom(0, ArrayParticipant.initialSlices(layout), placements(3));
        exchange.training(order(0), placements(3)).toJavaRDD().collect();
        Map<Integer, Double> norms = exchange.merge(order(0), placements(3), Set.of(0));
        assertThat(norms).containsOnlyKeys(0, 1, 2);
        for (int worker = 0; worker < 3; worker++) {
            double squares = 0;
            for (int at = 0; at < elements; at++) {
                float before = ArrayParticipant.initial(at);
                double change = (double) (before + ArrayParticipant.change(worker, 0, at)) - before;
                squares += change * change;
            }
            assertThat(norms.get(worker)).isCloseTo(Math.sqrt(squares), within(1e-9));
        }
        assertThat(exchange.merge(order(0), placements(2), Set.of(0)))
                .as("again, without the last")
                .isEqualTo(Map.of(0, norms.get(0), 1, norms.get(1)));
        exchange.publish();
        assertThat(exchange.current().number()).isEqualTo(1);
        exchange.discard();
        assertThat(context.getPersistentRDDs()).isEmpty();
    }

    @Test
    void countsOfAllWorkersAreAddedUp() {
        SliceLayout layout = new SliceLayout(100, 10, 2);
        Exchange exchange =
                new Exchange(context, layout, rules(OuterOptimizer.average()), ArrayParticipant.finder(layout), 1);
        exchange.startFrom(5, ArrayParticipant.initialSlices(layout), placements(1));
        RoutedBatch batch = exchange.countExperts(order(5), placements(3));
        assertThat(batch.targets()).isEqualTo(1 + 3 + 5);
        assertThat(batch.rows()).isEqualTo(2 + 4 + 6);
        for (int expert = 0; expert < ArrayParticipant.EXPERTS; expert++) {
            long rows = 0;
            for (int worker = 0; worker < 3; worker++) {
                rows += ArrayParticipant.rows(worker, 5, 1, expert);
            }
            assertThat(batch.experts().at(1, expert)).isEqualTo(rows);
        }
        assertThatThrownBy(() -> exchange.countExperts(order(4), placements(3)))
                .hasMessageContaining("version 4")
                .hasMessageContaining("5");
        exchange.discard();
    }

    @Test
    void aRoundFromAnotherVersionIsRefused() {
        SliceLayout layout = new SliceLayout(100, 10, 2);
        Exchange exchange =
                new Exchange(context, layout, rules(OuterOptimizer.average()), ArrayParticipant.finder(layout), 1);
        exchange.startFrom(5, ArrayParticipant.initialSlices(layout), placements(1));
        assertThatThrownBy(() -> exchange.training(order(4), placements(1)))
                .hasMessageContaining("version 4")
                .hasMessageContaining("5");
        exchange.discard();
    }

    @Test
    void everySliceHasOneOwner() {
        for (int slices = 1; slices < 40; slices++) {
            for (int partitions = 1; partitions <= slices; partitions++) {
                SliceLayout layout = new SliceLayout(slices * 7L - 3, 7, partitions);
                long elements = 0;
                for (int partition = 0; partition < partitions; partition++) {
                    for (int slice = layout.firstSlice(partition); slice < layout.firstSlice(partition + 1); slice++) {
                        assertThat(layout.partitionOf(slice)).isEqualTo(partition);
                        assertThat(layout.offset(slice)).isEqualTo(elements);
                        elements += layout.length(slice);
                    }
                }
                assertThat(elements).isEqualTo(layout.elements());
            }
        }
    }
}
