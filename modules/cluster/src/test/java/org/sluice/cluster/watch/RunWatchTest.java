package org.sluice.cluster.watch;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.sluice.cluster.RecommendedSettings;
import org.sluice.cluster.watch.WorkerStatus.Standing;

class RunWatchTest {
    private static final long SECOND = 1_000_000_000;

    private final MetricRegistry registry = new MetricRegistry();
    private final RunWatch watch = new RunWatch(Duration.ofSeconds(5), registry);

    private static Heartbeat heartbeat(String run, int worker, boolean training, double stepSeconds, double since) {
        return new Heartbeat(
                run,
                "baseline",
                worker,
                "e" + worker,
                "host",
                training,
                3,
                30,
                2.5,
                0.5,
                stepSeconds,
                100,
                3000,
                1,
                800,
                4096,
                since);
    }

    private static List<Standing> standings(Standings.Newest... newest) {
        return new Standings(Duration.ofSeconds(5))
                .of(List.of(newest), 100 * SECOND).stream()
                        .map(WorkerStatus::standing)
                        .toList();
    }

    private static Standings.Newest at(long second, Heartbeat heartbeat) {
        return new Standings.Newest(heartbeat, second * SECOND);
    }

    @Test
    void aWorkerIsSilentAfterThreeHeartbeatsThatDidNotCome() {
        assertThat(standings(
                        at(86, heartbeat("run", 0, false, 1, 0)),
                        at(84, heartbeat("run", 1, false, 1, 0)),
                        at(100, heartbeat("run", 2, false, 1, 0))))
                .containsExactly(Standing.ON_TIME, Standing.SILENT, Standing.ON_TIME);
    }

    @Test
    void aWorkerIsSlowIfItsStepsTakeMoreThanTwiceTheMedian() {
        assertThat(standings(
                        at(100, heartbeat("run", 0, true, 1, 0.5)),
                        at(100, heartbeat("run", 1, true, 2.1, 0.5)),
                        at(100, heartbeat("run", 2, true, 1.1, 0.5))))
                .containsExactly(Standing.ON_TIME, Standing.ON_TIME, Standing.ON_TIME);
        assertThat(standings(
                        at(100, heartbeat("run", 0, true, 1, 0.5)),
                        at(100, heartbeat("run", 1, true, 2.3, 0.5)),
                        at(100, heartbeat("run", 2, true, 1.1, 0.5))))
                .containsExactly(Standing.ON_TIME, Standing.SLOW, Standing.ON_TIME);
    }

    @Test
    void theStepThatAWorkerIsInCountsOnceItIsLonger() {
        assertThat(standings(
                        at(99, heartbeat("run", 0, true, 1, 4)),
                        at(99, heartbeat("run", 1, false, 1, 4)),
                        at(99, heartbeat("run", 2, true, 1, 0.1))))
                .as("5 s into a step; 4 s after its last one; 1.1 s into a step")
                .containsExactly(Standing.SLOW, Standing.ON_TIME, Standing.ON_TIME);
    }

    @Test
    void whoIsAloneIsNotSlow() {
        assertThat(standings(at(99, heartbeat("run", 0, true, 1, 40)))).containsExactly(Standing.ON_TIME);
        assertThat(standings(
                        at(100, heartbeat("run", 0, true, 0.001, 0)), at(100, heartbeat("run", 1, true, 0.009, 0))))
                .as("milliseconds")
                .containsExactly(Standing.ON_TIME, Standing.ON_TIME);
    }

    @Test
    void theMetricsOfWorkersComeAndGoWithThem() {
        watch.begin("run");
        watch.heard(heartbeat("run", 4, true, 1, 0));
        assertThat(registry.getGauges().get("worker.4.loss").getValue()).isEqualTo(2.5);
        assertThat(registry.getGauges().get("worker.4.offHeapBytes").getValue()).isEqualTo(4096.0);
        assertThat(watch.workers()).extracting(WorkerStatus::standing).containsExactly(Standing.ON_TIME);
        assertThat(watch.value(RunMetric.SILENT_WORKERS)).isZero();
        watch.heard(heartbeat("an earlier one", 5, true, 1, 0));
        assertThat(watch.workers()).hasSize(1);
        watch.set(RunMetric.LOSS, 3);
        watch.add(RunMetric.RECOVERIES, 1);
        watch.add(RunMetric.RECOVERIES, 1);
        watch.end();
        watch.heard(heartbeat("run", 4, true, 1, 0));
        assertThat(registry.getNames()).noneMatch(name -> name.startsWith("worker."));
        assertThat(registry.getGauges().get("loss").getValue()).isEqualTo(3.0);
        assertThat(registry.getGauges().get("recoveries").getValue()).isEqualTo(2.0);
        watch.begin("the next");
        assertThat(watch.value(RunMetric.RECOVERIES)).isZero();
    }

    @Test
    void anExecutorAddsItsWorkersUp() {
        List<Heartbeat> two = List.of(heartbeat("run", 0, true, 1, 0), heartbeat("run", 1, true, 3, 0));
        assertThat(WorkerMetric.STEP_SECONDS.of(two)).isEqualTo(3);
        assertThat(WorkerMetric.TOKENS_PER_SECOND.of(two)).isEqualTo(200);
        assertThat(WorkerMetric.LOSS.of(two)).isEqualTo(2.5);
        assertThat(WorkerMetric.LOSS.of(List.of())).isZero();
    }

    @Test
    void theUsersPluginsStay() {
        SparkConf conf = new SparkConf(false).set("spark.plugins", "com.example.Mine");
        RecommendedSettings.applyTo(RecommendedSettings.applyTo(conf));
        assertThat(conf.get("spark.plugins")).isEqualTo("com.example.Mine," + SluicePlugin.class.getName());
        assertThat(RecommendedSettings.applyTo(new SparkConf(false)).get("spark.plugins"))
                .isEqualTo(SluicePlugin.class.getName());
    }

    @Test
    void theDocumentationListsEveryMetric() throws IOException {
        String page = Files.readString(Path.of("../../docs/watching.md"));
        for (RunMetric metric : RunMetric.values()) {
            assertThat(page).contains("| `" + metric.key() + "` | " + metric.meaning() + " |");
        }
        for (WorkerMetric metric : WorkerMetric.values()) {
            assertThat(page).contains("| `worker.N." + metric.key() + "` | " + metric.meaning() + " |");
        }
    }
}
