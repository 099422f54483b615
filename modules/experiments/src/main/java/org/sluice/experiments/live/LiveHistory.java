package org.sluice.experiments.live;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.sluice.cluster.TrainingListener;

/** The steps, rounds and checkpoints of a variant: what {@code metrics.jsonl} has of its training too. */
final class LiveHistory {
    private static final int CURVE_POINTS = 600;
    private static final int NEWEST_ROUNDS = 10;
    private static final int NEWEST_CHECKPOINTS = 10;

    private final BoundedCurve steps =
            new BoundedCurve(CURVE_POINTS, List.of("loss", "learningRate", "gradientNorm", "tokensPerSecond"));
    private final BoundedCurve rounds =
            new BoundedCurve(CURVE_POINTS, List.of("computeSeconds", "exchangeSeconds", "bytes"));
    private final Newest<Round> newestRounds = new Newest<>(NEWEST_ROUNDS);
    private final Newest<Checkpoint> newestCheckpoints = new Newest<>(NEWEST_CHECKPOINTS);
    private TrainingListener.Step newestStep;

    /**
     * A round.
     *
     * @param workers whose work counts
     */
    record Round(long round, long step, int workers, double computeSeconds, double exchangeSeconds, long bytes) {}

    /**
     * A checkpoint.
     *
     * @param folder its name
     */
    record Checkpoint(long round, long step, String folder, double seconds, double waitedSeconds, long bytes) {
        Checkpoint {
            folder = folder.substring(folder.lastIndexOf('/') + 1);
        }
    }

    /** The number of the last step; 0 if there is none. */
    long lastStep() {
        return steps.last();
    }

    Optional<TrainingListener.Step> newestStep() {
        return Optional.ofNullable(newestStep);
    }

    /** Adds a step, unless it is known. */
    void add(TrainingListener.Step step) {
        if (step.step() > steps.last()) {
            steps.add(step.step(), step.loss(), step.learningRate(), step.gradientNorm(), step.tokensPerSecond());
            newestStep = step;
        }
    }

    /** Adds a round, unless it is known. */
    void add(Round round) {
        if (round.round() > rounds.last()) {
            rounds.add(round.round(), round.computeSeconds(), round.exchangeSeconds(), round.bytes());
            newestRounds.add(round);
        }
    }

    void add(Checkpoint checkpoint) {
        newestCheckpoints.add(checkpoint);
    }

    void write(ObjectNode target) {
        steps.write(target.putObject("curve"));
        rounds.write(target.putObject("roundCurve"));
        target.put("roundCount", rounds.last());
        ArrayNode roundEntries = target.putArray("rounds");
        newestRounds.newestFirst().forEach(round -> write(round, roundEntries.addObject()));
        target.put("checkpointCount", newestCheckpoints.count());
        ArrayNode checkpointEntries = target.putArray("checkpoints");
        newestCheckpoints.newestFirst().forEach(checkpoint -> write(checkpoint, checkpointEntries.addObject()));
    }

    private static void write(Round round, ObjectNode target) {
        target.put("round", round.round());
        target.put("step", round.step());
        target.put("workers", round.workers());
        LiveJson.put(target, "computeSeconds", round.computeSeconds());
        LiveJson.put(target, "exchangeSeconds", round.exchangeSeconds());
        target.put("bytes", round.bytes());
    }

    private static void write(Checkpoint checkpoint, ObjectNode target) {
        target.put("round", checkpoint.round());
        target.put("step", checkpoint.step());
        target.put("folder", checkpoint.folder());
        LiveJson.put(target, "seconds", checkpoint.seconds());
        LiveJson.put(target, "waitedSeconds", checkpoint.waitedSeconds());
        target.put("bytes", checkpoint.bytes());
    }
}
