package org.sluice.experiments.tensorboard;

import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.hadoop.fs.Path;
import org.sluice.cluster.RunFolder;
import org.sluice.cluster.TrainingListener;
import org.sluice.evaluation.EvaluationResult;
import org.sluice.experiments.ComparisonListener;
import org.sluice.experiments.EvaluationOutcome;
import org.sluice.experiments.EvaluationStage;

/**
 * Writes what it hears of a run into event files, {@code tensorboard/VARIANT/} in the run's folder. Each process begins a file for each
 * variant that it trains or evaluates. It never throws at those who tell it something: after a failure it says so and writes no more.
 */
public final class TensorBoardLog implements ComparisonListener, AutoCloseable {
    private final RunFolder folder;
    private final long steps;
    private final Consumer<String> problems;
    private final TrainingListener training = new Training();
    private final Map<String, EventFile> files = new HashMap<>();
    private boolean failed;

    /** Something that is written. */
    private interface Writing {
        void to(EventFile file) throws IOException;
    }

    /**
     * @param steps of a variant's whole training
     * @param problems is told, once, why nothing is written any more
     */
    public TensorBoardLog(RunFolder folder, long steps, Consumer<String> problems) {
        this.folder = folder;
        this.steps = steps;
        this.problems = problems;
    }

    /** Where the files are, for {@code tensorboard --logdir}. */
    public static Path place(RunFolder folder) {
        return new Path(folder.root(), "tensorboard");
    }

    @Override
    public TrainingListener training() {
        return training;
    }

    @Override
    public void evaluated(String variant, EvaluationStage stage, EvaluationOutcome outcome) {
        EvaluationResult result = outcome.result();
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("evaluation/held_out_loss", result.heldOutLoss());
        figures.put("evaluation/first_token_attention", result.firstTokenAttention());
        figures.put("evaluation/max_activation", result.maxActivation());
        result.meanGateScore().ifPresent(score -> figures.put("evaluation/mean_gate_score", score));
        result.domains().forEach((domain, loss) -> figures.put("evaluation/loss/" + domain, loss.loss()));
        write(variant, file -> {
            file.write(EventMessages.scalars(now(), stage == EvaluationStage.UNTRAINED ? 0 : steps, figures));
            file.flush();
        });
    }

    private void write(String variant, Writing writing) {
        if (failed) {
            return;
        }
        try {
            writing.to(file(variant));
        } catch (IOException e) {
            failed = true;
            problems.accept("no more is written for TensorBoard into " + place(folder) + ": " + e.getMessage()
                    + "; the run goes on");
        }
    }

    private EventFile file(String variant) throws IOException {
        EventFile file = files.get(variant);
        if (file == null) {
            Path place = new Path(place(folder), variant);
            file = EventFile.create(folder.fileSystem(), place, Instant.now().getEpochSecond());
            files.put(variant, file);
            file.write(EventMessages.fileVersion(now()));
        }
        return file;
    }

    private static double now() {
        return Instant.now().toEpochMilli() / 1e3;
    }

    @Override
    public void close() {
        for (EventFile file : files.values()) {
            try {
                file.close();
            } catch (IOException e) {
                problems.accept("a file for TensorBoard in " + place(folder) + " may lack its end: " + e.getMessage());
            }
        }
    }

    private final class Training implements TrainingListener {
        @Override
        public void started(Start start) {
            write(start.variant(), file -> {
                file.write(EventMessages.start(now(), start.from().step() + 1));
                file.flush();
            });
        }

        @Override
        public void step(Step step) {
            Map<String, Double> figures = new LinkedHashMap<>();
            figures.put("training/loss", step.loss());
            figures.put("training/learning_rate", step.learningRate());
            figures.put("training/gradient_norm", step.gradientNorm());
            figures.put("training/tokens_per_second", step.tokensPerSecond());
            write(step.variant(), file -> file.write(EventMessages.scalars(now(), step.step(), figures)));
        }

        @Override
        public void round(Round round) {
            Map<String, Double> figures = new LinkedHashMap<>();
            figures.put("round/compute_seconds", round.computeSeconds());
            figures.put("round/exchange_seconds", round.exchangeSeconds());
            figures.put("round/bytes", (double) round.bytes());
            figures.put("round/workers", (double) round.workers());
            write(round.variant(), file -> {
                file.write(EventMessages.scalars(now(), round.step(), figures));
                file.flush();
            });
        }
    }
}
