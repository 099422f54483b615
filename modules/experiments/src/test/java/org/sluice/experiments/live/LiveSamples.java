package org.sluice.experiments.live;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.conf.Configuration;
import org.sluice.cluster.Progress;
import org.sluice.cluster.RunFolder;
import org.sluice.cluster.TrainingListener;
import org.sluice.cluster.TrainingListener.Place;
import org.sluice.evaluation.EvaluationResult;
import org.sluice.experiments.EvaluationOutcome;
import org.sluice.tensor.Precision;

/** A run that does not train, for tests. */
final class LiveSamples {
    /** Markup that would change the page's title if a browser took it for such. It can name a folder. */
    static final String HOSTILE = "<img src=x onerror=\"document.title='broken'\">&\"'";

    static final List<Place> PLACES = List.of(new Place(0, "1", "host-a"), new Place(1, "2", "host-b"));

    private LiveSamples() {}

    static RunFolder folder(Path runs, String name, String... metrics) throws IOException {
        Path folder = Files.createDirectories(runs.resolve(name));
        Files.write(folder.resolve("metrics.jsonl"), List.of(metrics));
        return new RunFolder(new Configuration(), folder.toString());
    }

    static LiveRun run(RunFolder folder, AtomicLong clock, long steps, String... variants) {
        return new LiveRun(folder, List.of(variants), steps, clock::get);
    }

    static String stepLine(String variant, long step, double loss) {
        return """
                {"event":"step","variant":"%s","step":%d,"round":%d,"loss":%s,"learningRate":0.001,"gradientNorm":1.5,\
                "tokens":%d,"tokensPerSecond":1000.0}""".formatted(variant, step, (step + 1) / 2, loss, step * 64);
    }

    static String roundLine(String variant, long round) {
        return """
                {"event":"round","variant":"%s","step":%d,"round":%d,"workers":2,"computeSeconds":1.5,"exchangeSeconds":0.25,\
                "bytes":4096,"blocks":[[0,8]]}""".formatted(variant, 2 * round, round);
    }

    static TrainingListener.Start start(String variant, long step, long steps) {
        Progress from = new Progress(step / 2, step, step * 64, step);
        return new TrainingListener.Start(variant, 123_456, PLACES, 1, Precision.FP32, from, steps);
    }

    /** Rounds of two steps each, whose losses are nine less a hundredth of the step. */
    static void train(TrainingListener listener, String variant, long fromRound, long toRound, long steps) {
        for (long round = fromRound; round <= toRound; round++) {
            for (long step = 2 * round - 1; step <= 2 * round; step++) {
                listener.step(
                        new TrainingListener.Step(variant, step, steps, 9 - step / 100.0, 1e-3, 1.5, step * 64, 1000));
            }
            listener.round(new TrainingListener.Round(variant, round, 2 * round, PLACES, 1.5, 0.25, 4096));
        }
    }

    static EvaluationOutcome evaluation() {
        EvaluationResult result = new EvaluationResult(
                3.5,
                Math.exp(3.5),
                2000,
                4,
                new TreeMap<>(),
                0.375,
                20,
                List.of(0.25, 0.5),
                List.of(10.0, Double.NaN),
                List.of());
        return new EvaluationOutcome(result, List.of("cpu"), 1);
    }
}
