package org.sluice.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.spark.SparkException;
import org.apache.spark.shuffle.FetchFailedException;

/** An exception and its causes, the innermost of which is what happened first. */
final class FailureChain {
    private static final Pattern LOST_CONNECTION = Pattern.compile(
            "ClosedChannelException|ConnectException|SocketException|Failed to connect to|Connection (refused|reset)"
                    + "|Connection from .* closed|Broken pipe|BlockFetchException|BlockNotFoundException");

    private final List<Throwable> chain = new ArrayList<>();

    FailureChain(Throwable failure) {
        for (Throwable cause = failure; cause != null && !chain.contains(cause); cause = cause.getCause()) {
            chain.add(cause);
        }
    }

    List<Throwable> all() {
        return List.copyOf(chain);
    }

    /** The innermost cause that Spark knows: an exception of a task, or its own account of a lost executor. */
    Throwable innermost() {
        return chain.get(chain.size() - 1);
    }

    /** The sign of an executor's trouble among the causes. */
    Optional<Diagnosis> trouble() {
        return ExceptionSigns.in(chain);
    }

    /**
     * Whether it may be no more than what others noticed of an executor's death: Spark gives up a job in words of its own, a worker's state
     * is gone, data cannot be fetched.
     */
    boolean isEcho() {
        Throwable cause = innermost();
        return cause instanceof SparkException
                || cause instanceof WorkerStateException
                || cause instanceof FetchFailedException
                || LOST_CONNECTION.matcher(cause.toString()).find();
    }

    /** Whether it speaks of an executor by its id. */
    boolean names(String executor) {
        Pattern name = Pattern.compile("(executor |BlockManagerId\\()" + Pattern.quote(executor) + "\\b");
        return chain.stream().anyMatch(cause -> name.matcher(cause.toString()).find());
    }
}
