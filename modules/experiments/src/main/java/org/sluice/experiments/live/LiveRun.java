package org.sluice.experiments.live;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sluice.cluster.RunFolder;
import org.sluice.cluster.TrainingListener;
import org.sluice.experiments.ComparisonListener;
import org.sluice.experiments.ComparisonPlan;
import org.sluice.experiments.EvaluationOutcome;
import org.sluice.experiments.EvaluationStage;
import org.sluice.experiments.Variant;
import org.sluice.experiments.report.EvaluationJson;

/**
 * What a run is doing: what its {@code metrics.jsonl} held at the beginning, and what it hears from then on. It may be asked from any
 * thread. It never throws at those who tell it something.
 */
public final class LiveRun implements ComparisonListener {
    private static final Logger LOG = LoggerFactory.getLogger(LiveRun.class);

    private final RunFolder folder;
    private final Map<String, LiveVariant> variants = new LinkedHashMap<>();
    private final TrainingListener training = new Training();

    /** Shows a comparison in that folder, with what is there already. */
    public LiveRun(RunFolder folder, ComparisonPlan plan) {
        this(
                folder,
                plan.variants().stream().map(Variant::name).toList(),
                plan.training().steps(),
                System::nanoTime);
    }

    LiveRun(RunFolder folder, List<String> names, long steps, LongSupplier nanoClock) {
        this.folder = folder;
        names.forEach(name -> variants.put(name, new LiveVariant(name, steps, nanoClock)));
        try {
            RecordedMetrics recorded = RecordedMetrics.read(folder);
            variants.values().forEach(recorded::show);
        } catch (IOException e) {
            LOG.warn("the live page lacks what was done before: {}", e.getMessage(), e);
            variants.values().forEach(variant -> noteLack(variant, e));
        }
    }

    private static void noteLack(LiveVariant variant, IOException cause) {
        variant.note(now(), "what was done before cannot be shown here: " + cause.getMessage());
    }

    private static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    @Override
    public TrainingListener training() {
        return training;
    }

    @Override
    public synchronized void finishedBefore(String name) {
        variants.get(name).begins("done", 0, 0);
    }

    @Override
    public synchronized void evaluating(String name, EvaluationStage stage, long done, long total) {
        variants.get(name).begins("evaluating " + stage.id(), done, total);
    }

    @Override
    public synchronized void evaluated(String name, EvaluationStage stage, EvaluationOutcome outcome) {
        LiveVariant variant = variants.get(name);
        ObjectNode figures = JsonNodeFactory.instance.objectNode();
        EvaluationJson.write(outcome.result(), figures);
        figures.put("step", stage == EvaluationStage.UNTRAINED ? 0 : variant.step());
        variant.evaluated(stage, LiveJson.evaluation(figures));
        variant.begins(stage == EvaluationStage.TRAINED ? "done" : "waiting", 0, 0);
    }

    /** The run and its variants in few figures, as JSON. */
    synchronized String summary() {
        ObjectNode target = JsonNodeFactory.instance.objectNode();
        target.put("name", folder.name());
        ArrayNode entries = target.putArray("variants");
        variants.values().forEach(variant -> entries.add(variant.summary()));
        long stepsLeft =
                variants.values().stream().mapToLong(LiveVariant::stepsLeft).sum();
        // Only one trains at a time, and the others take about as long for a step.
        variants.values().stream()
                .flatMapToDouble(variant -> variant.secondsFor(stepsLeft).stream())
                .findFirst()
                .ifPresent(seconds -> LiveJson.put(target, "secondsLeft", seconds));
        return target.toString();
    }

    /**
     * All that is shown of a variant, as JSON.
     *
     * @param index its place among the variants
     * @return empty if there is none
     */
    synchronized Optional<String> variant(int index) {
        return variants.values().stream().skip(index).findFirst().map(variant -> variant.details()
                .toString());
    }

    private final class Training implements TrainingListener {
        @Override
        public void started(Start start) {
            synchronized (LiveRun.this) {
                LiveVariant variant = variants.get(start.variant());
                if (variant.step() > start.from().step()) {
                    goBack(variant);
                }
                variant.started(start);
            }
        }

        /** What is behind the checkpoint is gone from the file by now. */
        private void goBack(LiveVariant variant) {
            try {
                variant.take(RecordedMetrics.read(folder).history(variant));
            } catch (IOException e) {
                LOG.warn("the live page lacks what was done before: {}", e.getMessage(), e);
                variant.take(new LiveHistory());
                noteLack(variant, e);
            }
        }

        @Override
        public void step(Step step) {
            synchronized (LiveRun.this) {
                variants.get(step.variant()).step(step);
            }
        }

        @Override
        public void round(Round round) {
            synchronized (LiveRun.this) {
                variants.get(round.variant()).round(round);
            }
        }

        @Override
        public void uncounted(Uncounted uncounted) {
            synchronized (LiveRun.this) {
                variants.get(uncounted.variant()).uncounted(uncounted, now());
            }
        }

        @Override
        public void checkpoint(Checkpoint checkpoint) {
            synchronized (LiveRun.this) {
                variants.get(checkpoint.variant()).checkpoint(checkpoint);
            }
        }

        @Override
        public void checkpointFailed(CheckpointFailure failure) {
            note(
                    failure.variant(),
                    "the checkpoint after step %,d could not be written: %s (%d in a row, training ends after %d)",
                    failure.step(),
                    failure.cause(),
                    failure.failures(),
                    failure.allowed());
        }

        /** It does not say whose checkpoint: of the variant that is to go on, which is the first that is not done. */
        @Override
        public void checkpointRefused(String message) {
            synchronized (LiveRun.this) {
                variants.values().stream()
                        .filter(variant -> variant.stepsLeft() > 0)
                        .findFirst()
                        .ifPresent(variant -> variant.note(now(), message));
            }
        }

        @Override
        public void recovery(Recovery recovery) {
            note(
                    recovery.variant(),
                    "%s; going back to step %,d (try %d of %d)",
                    recovery.cause(),
                    recovery.backTo().step(),
                    recovery.attempt(),
                    recovery.attempts());
        }

        private void note(String variant, String text, Object... figures) {
            synchronized (LiveRun.this) {
                variants.get(variant).note(now(), String.format(Locale.ROOT, text, figures));
            }
        }
    }
}
