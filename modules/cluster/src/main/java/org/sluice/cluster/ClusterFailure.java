package org.sluice.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.spark.SparkException;
import org.sluice.data.DatasetException;
import org.sluice.tensor.OutOfDeviceMemoryException;
import org.sluice.training.NumericsException;

/** What lies behind the failure of a Spark job. */
final class ClusterFailure {
    private static final List<Class<? extends RuntimeException>> CERTAIN_AGAIN = List.of(
            NumericsException.class,
            DatasetException.class,
            OutOfDeviceMemoryException.class,
            IllegalArgumentException.class);

    /** {@code [ERROR_CLASS] Job 7 cancelled ... SQLSTATE: XXKDA}. */
    private static final Pattern SPARK_WRAPPING =
            Pattern.compile("^\\[[A-Z0-9_.]+\\] *(Job \\d+ cancelled *)?| *SQLSTATE: *\\w+ *$");

    private final Exception failure;
    private final List<Throwable> chain = new ArrayList<>();

    ClusterFailure(Exception failure) {
        this.failure = failure;
        for (Throwable cause = failure; cause != null && !chain.contains(cause); cause = cause.getCause()) {
            chain.add(cause);
        }
    }

    /** Whether a job failed in the executors, rather than something on the driver. */
    boolean isOfAJob() {
        return failure instanceof SparkException;
    }

    /** The exception that the same work would end in again, if there is one. */
    Optional<RuntimeException> certainAgain() {
        return chain.stream()
                .filter(cause -> CERTAIN_AGAIN.stream().anyMatch(type -> type.isInstance(cause)))
                .map(RuntimeException.class::cast)
                .findFirst();
    }

    /** The innermost cause that Spark knows: an exception of a task, or its own account of a lost executor. */
    Throwable cause() {
        return chain.get(chain.size() - 1);
    }

    /** The cause in one line, without what Spark wraps its messages in. */
    String summary() {
        String message = cause().getMessage() == null
                ? ""
                : cause().getMessage().lines().findFirst().orElse("");
        return cause() instanceof SparkException
                ? SPARK_WRAPPING.matcher(message).replaceAll("")
                : cause() instanceof WorkerStateException
                        ? message
                        : cause().getClass().getSimpleName() + ": " + message;
    }
}
