package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bytes of rounds between executors in JVMs of their own, as Spark counts them. */
@Tag("slow")
@Timeout(180)
class ExchangeBytesTest {
    private static final int ELEMENTS = 3_000_001;
    private static final int ROUNDS = 4;
    private static final double WHAT_SPARK_ADDS = 1.05;

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void aWorkerReceivesTheModelTwiceInTheWireFormat(int executors) {
        try (JavaSparkContext context = SparkSessions.localCluster(executors, 1, 1024)) {
            List<WorkerPlacement> placements = new ExecutorRoster(context, Set::of).place(executors);
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

    /** The most that a worker received in a round, but for the first, in which all receive whole parameters. */
    private static double bytes(JavaSparkContext context, List<WorkerPlacement> placements, WireFormat format) {
        SliceLayout layout = SliceLayout.of(ELEMENTS, 1 << 16, placements.size());
        ExchangeRules rules = new ExchangeRules(OuterOptimizer.nesterov(), ROUNDS, format, false);
        Exchange exchange = new Exchange(context, layout, rules, ArrayParticipant.finder(layout, format));
        String run = UUID.randomUUID().toString();
        exchange.startFrom(0, ArrayParticipant.initialSlices(layout), placements);
        double most = 0;
        for (int round = 0; round < ROUNDS; round++) {
            RoundOrder order = new RoundOrder(run, 0, round, round, 1, new RoundOrder.RestorePoint(0, null), null);
            exchange.round(order, placements);
            double bytes = (double) exchange.takeReceivedBytes() / placements.size();
            most = round == 0 ? 0 : Math.max(most, bytes);
        }
        exchange.discard();
        return most;
    }
}
