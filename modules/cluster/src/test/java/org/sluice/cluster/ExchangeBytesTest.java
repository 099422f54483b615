package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The bytes of rounds between executors in JVMs of their own, as Spark counts them. */
@Tag("slow")
@Timeout(180)
class ExchangeBytesTest {
    private static final int ELEMENTS = 1_000_001;
    private static final int ROUNDS = 4;
    private static final double WHAT_SPARK_ADDS = 1.05;

    @Test
    void aWorkerReceivesTheModelTwiceInTheWireFormat() {
        int executors = 3;
        try (JavaSparkContext context = SparkSessions.localCluster(executors, 1, 1024)) {
            List<WorkerPlacement> placements = SparkSessions.places(context, executors);
            double fp32 = 0;
            for (WireFormat format : WireFormat.values()) {
                double perParameter = bytes(context, placements, format) / ELEMENTS;
                System.out.printf(
                        "%d executors, %s: %.3f bytes received a parameter, worker and round%n",
                        executors, format, perParameter);
                int elements = 1 << 20;
                double wire = (double) format.codec().bytes(elements) / elements;
                // Less than a part of what is needed cannot have been received.
                assertThat(perParameter).isBetween(2 * wire, 2 * WHAT_SPARK_ADDS * wire);
                fp32 = format == WireFormat.FP32 ? perParameter : fp32;
                if (format == WireFormat.INT8) {
                    assertThat(perParameter).isLessThanOrEqualTo(0.3 * fp32);
                }
            }
        }
    }

    /** Four workers in two executors: their owners receive two contributions to each slice, of which each is as long as one worker's. */
    @Test
    void partialSumsTravelOnceFromAnExecutor() {
        int workers = 4;
        int elements = 300_001;
        try (JavaSparkContext context = SparkSessions.localCluster(2, 2, 1024)) {
            List<WorkerPlacement> placements = SparkSessions.places(context, workers);
            SliceLayout layout = SliceLayout.of(elements, 1 << 14, workers, 1);
            ExchangeRules rules = new ExchangeRules(OuterOptimizer.average(), ROUNDS, WireFormat.FP32, true);
            Exchange exchange = new Exchange(context, layout, rules, ArrayParticipant.finder(layout), 1);
            exchange.startFrom(0, ArrayParticipant.initialSlices(layout), placements);
            float[] expected = new float[elements];
            for (int at = 0; at < elements; at++) {
                expected[at] = ArrayParticipant.initial(at);
            }
            String run = UUID.randomUUID().toString();
            for (int round = 0; round < ROUNDS; round++) {
                RoundOrder order = ArrayParticipant.order(run, round, 1);
                List<WorkerReport> reports = ArrayParticipant.round(exchange, order, placements);
                for (int at = 0; at < elements; at++) {
                    expected[at] = meanOfMeans(reports, expected[at], round, at);
                }
                double perParameter = (double) exchange.takeReceivedBytes() / elements;
                System.out.printf("partial sums: %.3f bytes received a parameter and round%n", perParameter);
                assertThat(perParameter).isBetween(4.0 * (workers + 2), 4 * (workers + 2) * WHAT_SPARK_ADDS);
            }
            float[] found = new float[elements];
            exchange.current()
                    .fragments()
                    .get(0)
                    .state()
                    .toJavaRDD()
                    .collect()
                    .forEach(slice -> ArrayParticipant.floats(slice.parameters())
                            .get(found, (int) layout.offset(slice.index()), layout.length(slice.index())));
            assertThat(found).containsExactly(expected);
        }
    }

    /** Plain loops: of each executor the mean of its workers, rounded, and of these the mean. */
    private static float meanOfMeans(List<WorkerReport> reports, float global, int round, int at) {
        List<String> executors =
                reports.stream().map(WorkerReport::executor).distinct().toList();
        assertThat(executors).hasSize(2);
        double sumOfAll = 0;
        double weightOfAll = 0;
        for (String executor : executors) {
            double sum = 0;
            double weight = 0;
            for (WorkerReport report : reports) {
                if (report.executor().equals(executor)) {
                    long own = ArrayParticipant.weight(report.worker());
                    sum += own * (double) (global + ArrayParticipant.change(report.worker(), round, at));
                    weight += own;
                }
            }
            sumOfAll += weight * (float) (sum / weight);
            weightOfAll += weight;
        }
        return (float) (sumOfAll / weightOfAll);
    }

    /** The most that a worker received in a round, but for the first, in which all receive whole parameters. */
    private static double bytes(JavaSparkContext context, List<WorkerPlacement> placements, WireFormat format) {
        SliceLayout layout = SliceLayout.of(ELEMENTS, 1 << 16, placements.size(), 1);
        ExchangeRules rules = new ExchangeRules(OuterOptimizer.nesterov(), ROUNDS, format, false);
        Exchange exchange = new Exchange(context, layout, rules, ArrayParticipant.finder(layout, format), 1);
        String run = UUID.randomUUID().toString();
        exchange.startFrom(0, ArrayParticipant.initialSlices(layout), placements);
        double most = 0;
        for (int round = 0; round < ROUNDS; round++) {
            RoundOrder order = ArrayParticipant.order(run, round, 1);
            ArrayParticipant.round(exchange, order, placements);
            double bytes = (double) exchange.takeReceivedBytes() / placements.size();
            most = round == 0 ? 0 : Math.max(most, bytes);
        }
        exchange.discard();
        return most;
    }
}
