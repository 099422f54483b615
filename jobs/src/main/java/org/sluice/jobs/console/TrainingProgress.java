package org.sluice.jobs.console;

import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.sluice.cluster.TrainingListener;

/** Shows how training goes, variant after variant. */
public final class TrainingProgress implements TrainingListener, AutoCloseable {
    private static final Logger LOG = LogManager.getLogger(TrainingProgress.class);

    private final Console console;
    private Progress progress;
    private Step newest;

    public TrainingProgress(Console console) {
        this.console = console;
    }

    @Override
    public void warned(String message) {
        note(message);
    }

    @Override
    public void started(Start start) {
        close();
        String going = start.from().step() == 0
                ? ""
                : ", going on after step " + start.from().step();
        console.message(String.format(
                Locale.ROOT,
                "training %s: %,d parameters, %d workers with %d cores each, products in %s%s",
                start.variant(),
                start.parameters(),
                start.executors().size(),
                start.coresPerWorker(),
                start.precision(),
                going));
        LOG.info("training {}: executors {}", start.variant(), start.executors());
        progress = console.progress(
                "training " + start.variant(), start.steps(), start.from().step(), "steps");
    }

    @Override
    public void step(Step step) {
        newest = step;
    }

    /** Steps are told of when their round is done, so only then is it known how long one takes. */
    @Override
    public void round(Round round) {
        progress.update(
                newest.step(),
                newest.steps(),
                String.format(Locale.ROOT, "loss %.3f, %,.0f tokens/s", newest.loss(), newest.tokensPerSecond()));
        LOG.info(
                "{}: round {} done, {} s of steps, {} s of exchange, {} workers, {} bytes",
                round.variant(),
                round.round(),
                round.computeSeconds(),
                round.exchangeSeconds(),
                round.workers(),
                round.bytes());
    }

    @Override
    public void uncounted(Uncounted uncounted) {
        note(String.format(
                Locale.ROOT,
                "%s: what worker %d did in round %d does not count, as %s; its blocks %s are dealt again",
                uncounted.variant(),
                uncounted.worker(),
                uncounted.round(),
                uncounted.reason(),
                uncounted.blocks().stream().map(Object::toString).collect(Collectors.joining(", "))));
    }

    @Override
    public void checkpoint(Checkpoint checkpoint) {
        LOG.info(
                "{}: checkpoint after step {} in {} s, of which training waited {} s, {} bytes: {}",
                checkpoint.variant(),
                checkpoint.step(),
                checkpoint.seconds(),
                checkpoint.waitedSeconds(),
                checkpoint.bytes(),
                checkpoint.folder());
    }

    @Override
    public void checkpointFailed(CheckpointFailure failure) {
        note(String.format(
                Locale.ROOT,
                "%s: the checkpoint after step %d could not be written: %s (%d in a row, training ends after %d)",
                failure.variant(),
                failure.step(),
                failure.cause(),
                failure.failures(),
                failure.allowed()));
    }

    @Override
    public void checkpointRefused(String message) {
        note(message);
    }

    @Override
    public void recovery(Recovery recovery) {
        note(String.format(
                Locale.ROOT,
                "%s: %s; going back to step %d (try %d of %d)",
                recovery.variant(),
                recovery.cause(),
                recovery.backTo().step(),
                recovery.attempt(),
                recovery.attempts()));
    }

    private void note(String line) {
        LOG.warn(line);
        if (progress == null) {
            console.message(line);
        } else {
            progress.note(line);
        }
    }

    @Override
    public void close() {
        if (progress != null) {
            progress.close();
            progress = null;
        }
    }
}
