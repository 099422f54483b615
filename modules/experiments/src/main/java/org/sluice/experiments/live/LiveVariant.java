package org.sluice.experiments.live;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;
import org.sluice.cluster.TrainingListener;
import org.sluice.experiments.EvaluationStage;

/** What is known of a variant while its run goes on. Not safe for several threads. */
final class LiveVariant {
    private static final int NEWEST_NOTES = 50;

    private final String name;
    private final long steps;
    private final Pace pace;
    private final WorkerTable workers = new WorkerTable();
    private final Newest<Note> notes = new Newest<>(NEWEST_NOTES);
    private final Map<EvaluationStage, ObjectNode> evaluations = new EnumMap<>(EvaluationStage.class);
    private LiveHistory history = new LiveHistory();
    private TrainingListener.Start start;
    private Phase phase = new Phase("waiting", 0, 0);
    private long version;

    /**
     * Something that did not go as it should.
     *
     * @param time when it was told of; empty if it was read
     */
    private record Note(String time, String text) {}

    /** What is being done, and how much of it is, where it has parts. */
    private record Phase(String name, long done, long total) {}

    /**
     * @param steps of its whole training
     * @param nanoClock tells how time goes by
     */
    LiveVariant(String name, long steps, LongSupplier nanoClock) {
        this.name = name;
        this.steps = steps;
        this.pace = new Pace(nanoClock);
    }

    String name() {
        return name;
    }

    /** The steps of its whole training. */
    long steps() {
        return steps;
    }

    /** The steps that are done. */
    long step() {
        return history.lastStep();
    }

    long stepsLeft() {
        return Math.max(0, steps - step());
    }

    OptionalDouble secondsPerStep() {
        return pace.secondsPerStep();
    }

    /** The seconds that so many steps will take; empty if it is not in training, or nobody can say. */
    OptionalDouble secondsFor(long stepsToDo) {
        return phase.name().equals("training") ? pace.secondsLeft(stepsToDo) : OptionalDouble.empty();
    }

    /** Takes what was written down, in the place of what was known. */
    void take(LiveHistory written) {
        history = written;
        version++;
    }

    void begins(String phaseName, long done, long total) {
        phase = new Phase(phaseName, done, total);
        version++;
    }

    void started(TrainingListener.Start training) {
        start = training;
        workers.begin(training.places());
        pace.begin(training.from().step());
        begins("training", 0, 0);
    }

    void step(TrainingListener.Step step) {
        history.add(step);
        version++;
    }

    void round(TrainingListener.Round round) {
        history.add(new LiveHistory.Round(
                round.round(),
                round.step(),
                round.workers(),
                round.computeSeconds(),
                round.exchangeSeconds(),
                round.bytes()));
        workers.counted(round.round(), round.places());
        pace.reached(round.step());
        version++;
        if (round.step() >= steps) {
            begins("trained", 0, 0);
        }
    }

    void uncounted(TrainingListener.Uncounted uncounted, String time) {
        workers.uncounted(uncounted.round(), uncounted.worker(), uncounted.reason());
        note(time, uncountedNote(uncounted.round(), uncounted.worker(), uncounted.reason()));
    }

    static String uncountedNote(long round, int worker, String reason) {
        return "what worker " + worker + " did in round " + round + " does not count, as " + reason;
    }

    void checkpoint(TrainingListener.Checkpoint checkpoint) {
        history.add(new LiveHistory.Checkpoint(
                checkpoint.round(),
                checkpoint.step(),
                checkpoint.folder(),
                checkpoint.seconds(),
                checkpoint.waitedSeconds(),
                checkpoint.bytes()));
        version++;
    }

    /** @param figures as {@link org.sluice.experiments.report.EvaluationJson} writes them */
    void evaluated(EvaluationStage stage, ObjectNode figures) {
        evaluations.put(stage, figures);
        version++;
    }

    /**
     * Adds something that did not go as it should.
     *
     * @param time when; empty if nobody knows
     */
    void note(String time, String text) {
        notes.add(new Note(time, text));
        version++;
    }

    /** What the table of all variants shows. */
    ObjectNode summary() {
        ObjectNode target = JsonNodeFactory.instance.objectNode();
        target.put("name", name);
        target.put("version", version);
        target.put("phase", phase.name());
        target.put("phaseDone", phase.done());
        target.put("phaseTotal", phase.total());
        target.put("step", step());
        target.put("steps", steps);
        history.newestStep().ifPresent(newest -> {
            LiveJson.put(target, "loss", newest.loss());
            LiveJson.put(target, "tokensPerSecond", newest.tokensPerSecond());
            target.put("tokens", newest.tokens());
        });
        secondsFor(stepsLeft()).ifPresent(seconds -> LiveJson.put(target, "secondsLeft", seconds));
        return target;
    }

    /** All that is shown. */
    ObjectNode details() {
        ObjectNode target = summary();
        if (start != null) {
            target.put("parameters", start.parameters());
            target.put("coresPerWorker", start.coresPerWorker());
            target.put("precision", start.precision().toString());
        }
        history.write(target);
        workers.write(target.putArray("workers"));
        target.put("noteCount", notes.count());
        ArrayNode noteEntries = target.putArray("notes");
        notes.newestFirst()
                .forEach(
                        note -> noteEntries.addObject().put("time", note.time()).put("text", note.text()));
        ObjectNode found = target.putObject("evaluations");
        evaluations.forEach((stage, figures) -> found.set(stage.id(), figures));
        return target;
    }
}
