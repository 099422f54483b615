package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.cluster.watch.Heartbeat;
import org.sluice.cluster.watch.RunMetric;
import org.sluice.cluster.watch.RunWatch;
import org.sluice.cluster.watch.WorkerMetric;
import org.sluice.cluster.watch.WorkerStatus;

/** A real training in executors of their own, watched as Prometheus watches it. */
@Timeout(120)
class WatchTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String SOURCE = "_driver_plugin_org_sluice_cluster_watch_SluicePlugin_";

    private final HttpClient client = HttpClient.newHttpClient();

    @TempDir
    Path temporary;

    @Test
    void prometheusGetsTheMetricsFromSparksServlet() throws IOException {
        Map<String, String> settings = Map.of(
                "spark.ui.enabled", "true",
                "spark.ui.port", "0",
                "spark.sluice.heartbeatInterval", "50ms",
                "spark.executor.defaultJavaOptions", String.join(" ", SparkSessions.SHORT_LIVED));
        TrainingPlan plan = TrainingFixture.plan(
                TrainingFixture.adamW(6), TrainingFixture.cluster(2, 2, OuterOptimizer.average(), 1));
        RunFolder run = TrainingFixture.folder(temporary.resolve("run"));
        List<String> pages = new ArrayList<>();
        List<List<WorkerStatus>> workers = new ArrayList<>();
        List<TrainingListener.WorkerTimes> times = new ArrayList<>();
        double[] lossOfRound = new double[1];
        try (JavaSparkContext context = SparkSessions.localCluster(2, 1, 512, settings)) {
            RunWatch watch = RunWatch.of(context.sc()).orElseThrow();
            String address = context.sc().uiWebUrl().get();
            new Trainer(context, run, plan, SyntheticBlocks.of(37), new TrainingListener() {
                        @Override
                        public void workers(WorkerTimes of) {
                            times.add(of);
                        }

                        @Override
                        public void step(Step step) {
                            lossOfRound[0] = step.loss();
                        }

                        @Override
                        public void uncounted(Uncounted uncounted) {
                            throw new AssertionError(uncounted.toString());
                        }

                        @Override
                        public void round(Round round) {
                            if (round.round() == 2) {
                                pages.add(await(
                                        address + "/metrics/prometheus",
                                        text -> value(text, "worker_0_step") >= 4
                                                && value(text, "worker_1_step") >= 4));
                                workers.add(watch.workers());
                            }
                        }
                    })
                    .train(false);
            pages.add(get(address + "/metrics/prometheus"));
            pages.add(get(address + "/metrics/executors/prometheus"));
            assertThat(watch.workers()).as("when training is over").isEmpty();
        }
        requireMetrics(pages.get(0));
        String after = pages.get(1);
        assertThat(value(after, "round")).isEqualTo(3);
        assertThat(value(after, "step")).isEqualTo(6);
        assertThat(value(after, "loss")).isEqualTo(lossOfRound[0]);
        assertThat(value(after, "checkpoints")).isEqualTo(3);
        assertThat(value(after, "checkpointBytes")).isPositive();
        assertThat(after).doesNotContain(SOURCE + "worker_");
        assertThat(pages.get(2)).contains("metrics_executor_");
        assertThat(workers.get(0)).hasSize(2).allSatisfy(worker -> {
            assertThat(worker.standing()).isNotEqualTo(WorkerStatus.Standing.SILENT);
            assertThat(worker.newest().variant()).isEqualTo("baseline");
        });
        assertThat(workers.get(0))
                .extracting(WorkerStatus::newest)
                .extracting(Heartbeat::executor)
                .containsExactlyInAnyOrder("0", "1");
        assertThat(times).hasSize(3).allSatisfy(of -> assertThat(of.workers())
                .extracting(TrainingListener.WorkerTime::worker)
                .containsExactly(0, 1));
    }

    private static void requireMetrics(String page) {
        for (RunMetric metric : RunMetric.values()) {
            assertThat(value(page, metric.key())).as(metric.key()).isNotNaN();
        }
        for (RunMetric metric : List.of(
                RunMetric.LOSS,
                RunMetric.GRADIENT_NORM,
                RunMetric.TOKENS_PER_SECOND,
                RunMetric.COMPUTE_SECONDS,
                RunMetric.EXCHANGE_SECONDS,
                RunMetric.EXCHANGE_BYTES)) {
            assertThat(value(page, metric.key())).as(metric.key()).isPositive();
        }
        assertThat(value(page, "workers")).isEqualTo(2);
        assertThat(value(page, "steps")).isEqualTo(6);
        assertThat(value(page, "slowestToMedian")).isGreaterThanOrEqualTo(1);
        for (int worker = 0; worker < 2; worker++) {
            for (WorkerMetric metric : WorkerMetric.values()) {
                assertThat(value(page, "worker_" + worker + "_" + metric.key()))
                        .as(metric.key())
                        .isPositive();
            }
        }
        assertThat(value(page, "worker_0_tokens") + value(page, "worker_1_tokens"))
                .isEqualTo(4 * 5 * 12);
    }

    private String await(String address, Predicate<String> wanted) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        String text = get(address);
        while (!wanted.test(text)) {
            assertThat(System.nanoTime()).as(text).isLessThan(end);
            text = get(address);
        }
        return text;
    }

    private String get(String address) {
        try {
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(URI.create(address + "/")).build(), HttpResponse.BodyHandlers.ofString());
            assertThat(response.statusCode()).as(address).isEqualTo(200);
            return response.body();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    /** NaN where the page does not have it. */
    private static double value(String page, String metric) {
        return page.lines()
                .filter(line -> line.contains(SOURCE + metric + "_Value"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElse(Double.NaN);
    }
}
