package org.sluice.jobs;

import java.util.ArrayList;
import java.util.List;
import org.sluice.cluster.RunInUseException;
import org.sluice.cluster.preflight.PreflightException;
import org.sluice.data.DatasetException;
import org.sluice.model.checkpoint.CheckpointCorruptException;
import org.sluice.training.NumericsException;

/**
 * What went wrong, for the user.
 *
 * @param message without a stack trace
 * @param badInput whether something that the user gave is to be mended
 */
record Failure(String message, boolean badInput) {

    /** Looks through what wraps the cause: Spark, futures, reflection. */
    static Failure of(Throwable thrown) {
        List<Throwable> chain = chain(thrown);
        for (Throwable cause : chain) {
            if (cause instanceof InputException
                    || cause instanceof DatasetException
                    || cause instanceof PreflightException
                    || cause instanceof CheckpointCorruptException) {
                return new Failure(cause.getMessage(), true);
            }
        }
        for (Throwable cause : chain) {
            if (cause instanceof NumericsException || cause instanceof RunInUseException) {
                return new Failure(cause.getMessage(), false);
            }
        }
        Throwable root = chain.get(chain.size() - 1);
        String message = root.getMessage() == null ? root.toString() : root.getMessage();
        return new Failure(message + " (" + root.getClass().getSimpleName() + ")", false);
    }

    private static List<Throwable> chain(Throwable thrown) {
        List<Throwable> chain = new ArrayList<>();
        for (Throwable cause = thrown; cause != null && !chain.contains(cause); cause = cause.getCause()) {
            chain.add(cause);
        }
        return chain;
    }
}
