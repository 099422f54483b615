package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The time that a round of the exchange takes, without any training, for 64M fp32 parameters between two executors of one core and 4 GiB.
 * The figure is printed; it fails only above the limit of {@code -Dexchange.limit.seconds}, as a busy machine proves nothing.
 */
@Tag("slow")
@Timeout(240)
class ExchangeTimingTest {
    private static final int PARAMETERS = 64 << 20;
    private static final int ROUNDS = 8;

    @Test
    void sixtyFourMillionParametersBetweenTwoExecutors() {
        double limit = Double.parseDouble(System.getProperty("exchange.limit.seconds", "Infinity"));
        try (JavaSparkContext context = SparkSessions.localCluster(2, 1, 4096)) {
            List<WorkerPlacement> placements = new ExecutorRoster(context, Set::of).place(2);
            SliceLayout layout = SliceLayout.of(PARAMETERS, 1 << 20, 2);
            Exchange exchange =
                    new Exchange(context, layout, rules(), ArrayParticipant.finder(layout));
            exchange.startFrom(0, ArrayParticipant.initialSlices(layout), placements);
            List<Double> seconds = new ArrayList<>();
            List<Double> receiving = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                RoundOrder order =
                        new RoundOrder("timing", 0, round, round, 0, new RoundOrder.RestorePoint(0, null), null);
                long start = System.nanoTime();
                List<WorkerReport> reports = exchange.round(order, placements);
                seconds.add((System.nanoTime() - start) * 1e-9);
                receiving.add(reports.stream()
                        .mapToDouble(WorkerReport::receiveSeconds)
                        .max()
                        .orElseThrow());
                assertThat(reports.stream().map(WorkerReport::executor).distinct())
                        .as("workers stay in executors of their own")
                        .hasSize(2);
            }
            double median =
                    seconds.stream().sorted().skip(ROUNDS / 2).findFirst().orElseThrow();
            System.out.printf(
                    "exchange of %d fp32 parameters, %s: seconds a round %s, median %.2f; of these receiving %s%n",
                    PARAMETERS, layout, rounded(seconds), median, rounded(receiving));
            assertThat(median).isLessThanOrEqualTo(limit);
        }
    }

    private static ExchangeRules rules() {
        return new ExchangeRules(OuterOptimizer.average(), ROUNDS, WireFormat.FP32, false);
    }

    private static List<String> rounded(List<Double> seconds) {
        return seconds.stream().map(value -> String.format("%.2f", value)).toList();
    }
}
