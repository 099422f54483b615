package org.sluice.experiments.tensorboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.cluster.Progress;
import org.sluice.cluster.RunFolder;
import org.sluice.cluster.TrainingListener;
import org.sluice.cluster.TrainingListener.Place;
import org.sluice.evaluation.DomainLoss;
import org.sluice.evaluation.EvaluationResult;
import org.sluice.experiments.EvaluationOutcome;
import org.sluice.experiments.EvaluationStage;
import org.sluice.tensor.Precision;

class TensorBoardLogTest {
    private static final long STEPS = 400;

    private final List<String> problems = new ArrayList<>();

    @TempDir
    private Path runs;

    @Test
    void theReadersChecksumIsThatOfTheStandard() {
        assertThat(EventReader.checksum("123456789".getBytes(StandardCharsets.US_ASCII)))
                .isEqualTo(0xe3069283);
    }

    @Test
    void aFileBeginsAsTensorFlowsDo() throws IOException {
        try (TensorBoardLog log = log()) {
            start(log, 0);
        }

        byte[] bytes = Files.readAllBytes(files().get(0));

        // The length of a message with a time and a version, 24, and its masked checksum as TensorFlow writes them.
        assertThat(Arrays.copyOf(bytes, 13)).containsExactly(0x18, 0, 0, 0, 0, 0, 0, 0, 0xa3, 0x7f, 0x4b, 0x22, 0x09);
        assertThat(new String(bytes, 21, 15, StandardCharsets.US_ASCII)).isEqualTo("\u001a\rbrain.Event:2");
    }

    @Test
    void everyFigureIsReadBack() throws IOException {
        try (TensorBoardLog log = log()) {
            log.evaluated("a", EvaluationStage.UNTRAINED, evaluation(9));
            start(log, 0);
            train(log, 0, 300, 4.5);
            log.evaluated("a", EvaluationStage.TRAINED, evaluation(3));
        }

        Map<String, Map<Long, Float>> curves = EventReader.curves(folder());

        assertThat(curves.keySet())
                .containsExactly(
                        "evaluation/first_token_attention",
                        "evaluation/held_out_loss",
                        "evaluation/loss/prose",
                        "evaluation/max_activation",
                        "round/bytes",
                        "round/compute_seconds",
                        "round/exchange_seconds",
                        "round/workers",
                        "training/gradient_norm",
                        "training/learning_rate",
                        "training/loss",
                        "training/tokens_per_second");
        assertThat(curves.get("training/loss"))
                .hasSize(300)
                .containsEntry(1L, 5.5f)
                .containsEntry(300L, 304.5f);
        assertThat(curves.get("training/learning_rate")).containsEntry(200L, 0.001f);
        assertThat(curves.get("round/bytes")).hasSize(150).containsEntry(300L, 1.5e10f);
        assertThat(curves.get("round/workers")).containsEntry(2L, 1f);
        assertThat(curves.get("evaluation/held_out_loss")).isEqualTo(Map.of(0L, 9f, STEPS, 3f));
        assertThat(curves.get("evaluation/loss/prose")).isEqualTo(Map.of(0L, 9.25f, STEPS, 3.25f));
        List<EventReader.Event> events = EventReader.read(files().get(0));
        assertThat(events.get(0).fileVersion()).isEqualTo("brain.Event:2");
        assertThat(events).allSatisfy(event -> assertThat(event.wallTime()).isBetween(1.7e9, 1e10));
    }

    @Test
    void aResumedRunGoesOnInAFileOfItsOwnAndStepsThatWereLostAreForgotten() throws IOException {
        try (TensorBoardLog log = log()) {
            start(log, 0);
            train(log, 0, 20, 1);
        }
        try (TensorBoardLog log = log()) {
            start(log, 10);
            train(log, 10, 14, 2);
        }

        assertThat(files()).hasSize(2);
        Map<Long, Float> expected = new TreeMap<>();
        for (long step = 1; step <= 14; step++) {
            expected.put(step, step + (step <= 10 ? 1f : 2f));
        }
        assertThat(EventReader.curves(folder()).get("training/loss")).isEqualTo(expected);
    }

    @Test
    void whatAKilledProcessLeftHalfWrittenHidesNothingElse() throws IOException {
        try (TensorBoardLog log = log()) {
            start(log, 0);
            train(log, 0, 4, 1);
        }
        Path file = files().get(0);
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length - 3));
        try (TensorBoardLog log = log()) {
            start(log, 4);
            train(log, 4, 6, 1);
        }

        assertThat(EventReader.curves(folder()).get("training/loss").keySet()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
    }

    @Test
    void aDamagedByteIsFound() throws IOException {
        try (TensorBoardLog log = log()) {
            start(log, 0);
        }
        Path file = files().get(0);
        byte[] bytes = Files.readAllBytes(file);
        bytes[30] ^= 1;
        Files.write(file, bytes);

        assertThatThrownBy(() -> EventReader.read(file)).hasMessage("the checksum of a record is wrong");
    }

    @Test
    void aRoundCanBeReadWhileTheFileIsStillWritten() throws IOException {
        try (TensorBoardLog log = log()) {
            start(log, 0);
            train(log, 0, 2, 1);

            assertThat(EventReader.curves(folder()).get("training/loss").keySet())
                    .containsExactly(1L, 2L);
        }
    }

    @Test
    void aFolderThatCannotBeWrittenIsToldOnceAndEndsNothing() throws IOException {
        Files.createDirectories(runs.resolve("run"));
        Files.writeString(runs.resolve("run/tensorboard"), "in the way");

        try (TensorBoardLog log = log()) {
            start(log, 0);
            train(log, 0, 4, 1);
        }

        assertThat(problems).hasSize(1);
        assertThat(problems.get(0)).contains("no more is written for TensorBoard into", "/run/tensorboard", "goes on");
    }

    private TensorBoardLog log() throws IOException {
        RunFolder run = new RunFolder(new Configuration(), runs.resolve("run").toString());
        return new TensorBoardLog(run, STEPS, problems::add);
    }

    private Path folder() {
        return runs.resolve("run/tensorboard/a");
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder())) {
            return files.sorted().toList();
        }
    }

    private static void start(TensorBoardLog log, long step) {
        log.training()
                .started(new TrainingListener.Start(
                        "a", 10, List.of(), 1, Precision.FP32, new Progress(step / 2, step, step, step), STEPS));
    }

    /** Rounds of two steps, whose losses are the step and something more. */
    private static void train(TensorBoardLog log, long from, long to, double more) {
        TrainingListener training = log.training();
        for (long step = from + 1; step <= to; step++) {
            training.step(new TrainingListener.Step("a", step, STEPS, step + more, 1e-3, 1.5, step * 64, 1000));
            if (step % 2 == 0) {
                training.round(new TrainingListener.Round(
                        "a", step / 2, step, List.of(new Place(0, "1", "host")), 1.5, 0.25, 15_000_000_000L));
            }
        }
    }

    private static EvaluationOutcome evaluation(double loss) {
        EvaluationResult result = new EvaluationResult(
                loss,
                Math.exp(loss),
                2000,
                4,
                new TreeMap<>(Map.of("prose", new DomainLoss(loss + 0.25, Math.exp(loss + 0.25), 10))),
                0.375,
                20,
                List.of(0.25, 0.5),
                List.of(10.0, 30.0),
                List.of());
        return new EvaluationOutcome(result, List.of("cpu"), 1);
    }
}
