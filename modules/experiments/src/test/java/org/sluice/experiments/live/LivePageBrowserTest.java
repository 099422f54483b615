package org.sluice.experiments.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.cluster.Progress;
import org.sluice.cluster.TrainingListener;
import org.sluice.cluster.TrainingListener.Place;
import org.sluice.cluster.control.Positions;
import org.sluice.experiments.EvaluationStage;

/** The live page in headless Chromium; skipped where there is none on the path. */
class LivePageBrowserTest {
    private static final long PATIENCE_SECONDS = 60;

    @TempDir
    private Path folder;

    @BeforeAll
    static void needsChromium() {
        boolean found = Pattern.compile(File.pathSeparator)
                .splitAsStream(System.getenv().getOrDefault("PATH", ""))
                .anyMatch(place -> Files.isExecutable(Path.of(place, "chromium")));
        assumeTrue(found, "there is no chromium on the PATH");
    }

    @Test
    void showsFiguresAndTakesNoTextForMarkup() throws Exception {
        LiveRun run = LiveSamples.run(
                LiveSamples.folder(folder, LiveSamples.HOSTILE), new AtomicLong(), 8000, LiveSamples.HOSTILE, "plain");
        run.evaluated(LiveSamples.HOSTILE, EvaluationStage.UNTRAINED, LiveSamples.evaluation());
        TrainingListener training = run.training();
        training.started(LiveSamples.start(LiveSamples.HOSTILE, 0, 8000));
        LiveSamples.train(training, LiveSamples.HOSTILE, 1, 1499, 8000);
        List<Place> hostile = List.of(new Place(0, LiveSamples.HOSTILE, LiveSamples.HOSTILE));
        training.round(new TrainingListener.Round(LiveSamples.HOSTILE, 1500, 3000, hostile, 1.5, 0.25, 4096));
        training.uncounted(new TrainingListener.Uncounted(
                LiveSamples.HOSTILE, 1500, 1, List.of(new Positions(0, 4)), LiveSamples.HOSTILE));
        training.checkpoint(new TrainingListener.Checkpoint(
                LiveSamples.HOSTILE, 1490, 2980, LiveSamples.HOSTILE, 1.25, 0.5, 12_345_678));
        training.recovery(new TrainingListener.Recovery(
                LiveSamples.HOSTILE, LiveSamples.HOSTILE, 1, 3, new Progress(0, 0, 0, 0)));

        Rendered page;
        try (LivePage served = LivePage.open(new PageAddress("127.0.0.1", 0, true), run)) {
            page = render(served.url());
        }

        assertThat(page.errors())
                .as("what the browser refused or could not run")
                .isEmpty();
        String text = page.document();
        assertThat(text)
                .contains("2,998 / 8,000", "123,456 parameters", "round 1,500", "12.3 MB", "loss 3.5000 on 4 blocks")
                .contains("host-b", "1.5 s", "0.25 s", "4.1 kB", "No variant that was evaluated has a gate.")
                .contains("&lt;img src=x onerror=")
                .doesNotContain("<img")
                .containsPattern("<title>2,998/8,000 \u00b7 &lt;img");
        assertThat(count(text, "<path class=\"line"))
                .as("six curves and the layers of one variant")
                .isEqualTo(7);
        assertThat(text.length()).as("thousands of steps are no longer a page").isLessThan(400_000);
    }

    /** What the browser made of a page, and what it complained of. */
    private record Rendered(String document, List<String> errors) {}

    private Rendered render(String url) throws IOException, InterruptedException {
        Path document = folder.resolve("document.html");
        Path log = folder.resolve("chromium.log");
        Process chromium = new ProcessBuilder(
                        "chromium",
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--enable-logging=stderr",
                        "--user-data-dir=" + folder.resolve("profile"),
                        "--virtual-time-budget=5000",
                        "--dump-dom",
                        url)
                .redirectOutput(document.toFile())
                .redirectError(log.toFile())
                .start();
        try {
            assertThat(chromium.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .as("chromium ends in " + PATIENCE_SECONDS + " s")
                    .isTrue();
        } finally {
            chromium.destroyForcibly();
        }
        List<String> errors;
        try (var lines = Files.lines(log)) {
            errors = lines.filter(line -> line.contains("CONSOLE")).toList();
        }
        return new Rendered(Files.readString(document), errors);
    }

    private static long count(String text, String part) {
        return Pattern.compile(Pattern.quote(part)).matcher(text).results().count();
    }
}
