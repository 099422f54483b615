package org.sluice.jobs.console;

import java.util.Locale;
import org.sluice.cluster.TrainingListener;
import org.sluice.experiments.ComparisonListener;
import org.sluice.experiments.EvaluationOutcome;
import org.sluice.experiments.EvaluationStage;

/** Shows how a comparison goes: each variant's evaluations and training. */
public final class ComparisonProgress implements ComparisonListener, AutoCloseable {
    private final Console console;
    private final TrainingProgress training;
    private Progress evaluation;

    public ComparisonProgress(Console console) {
        this.console = console;
        this.training = new TrainingProgress(console);
    }

    @Override
    public TrainingListener training() {
        return training;
    }

    @Override
    public void finishedBefore(String variant) {
        console.message(variant + " was trained and evaluated before");
    }

    @Override
    public void evaluating(String variant, EvaluationStage stage, long done, long total) {
        training.close();
        if (evaluation == null) {
            evaluation = console.progress("evaluating " + variant + ", " + stage.id(), total, 0, "blocks");
        }
        evaluation.update(done, total, "");
    }

    @Override
    public void evaluated(String variant, EvaluationStage stage, EvaluationOutcome outcome) {
        close();
        console.message(String.format(
                Locale.ROOT,
                "%s, %s: held-out loss %.4f, perplexity %,.1f",
                variant,
                stage.id(),
                outcome.result().heldOutLoss(),
                outcome.result().heldOutPerplexity()));
    }

    @Override
    public void close() {
        training.close();
        if (evaluation != null) {
            evaluation.close();
            evaluation = null;
        }
    }
}
