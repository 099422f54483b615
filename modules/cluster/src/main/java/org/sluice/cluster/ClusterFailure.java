package org.sluice.cluster;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.spark.SparkException;
import org.sluice.data.DatasetException;
import org.sluice.tensor.OutOfDeviceMemoryException;
import org.sluice.training.NumericsException;

/** What lies behind the failure of a Spark job: the death of an executor where there is one, and an exception otherwise. */
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
    private final FailureChain chain;
    private final List<ExecutorDeath> deaths;

    /**
     * @param deaths the executors whose death or trouble lies behind it, the most telling first
     */
    ClusterFailure(Exception failure, List<ExecutorDeath> deaths) {
        this.failure = failure;
        this.chain = new FailureChain(failure);
        this.deaths = List.copyOf(deaths);
    }

    /** Whether a job failed in the executors, rather than something on the driver. */
    boolean isOfAJob() {
        return failure instanceof SparkException;
    }

    /** The exception that the same work would end in again, if there is one. */
    Optional<RuntimeException> certainAgain() {
        return chain.all().stream()
                .filter(cause -> CERTAIN_AGAIN.stream().anyMatch(type -> type.isInstance(cause)))
                .map(RuntimeException.class::cast)
                .findFirst()
                .map(this::withPlace);
    }

    /** What is wrong with memory depends on the executor; what is wrong with numbers or settings does not. */
    private RuntimeException withPlace(RuntimeException certain) {
        return certain instanceof OutOfDeviceMemoryException && !deaths.isEmpty()
                ? new OutOfDeviceMemoryException(summary(), certain)
                : certain;
    }

    /** The innermost cause that Spark knows: an exception of a task, or its own account of a lost executor. */
    Throwable cause() {
        return chain.innermost();
    }

    /** The true cause in one line, without what Spark wraps its messages in. */
    String summary() {
        if (deaths.isEmpty()) {
            return ofException();
        }
        String others = deaths.stream().skip(1).map(ExecutorDeath::name).collect(Collectors.joining(", "));
        return deaths.get(0).sentence() + (others.isEmpty() ? "" : "; lost as well: " + others);
    }

    private String ofException() {
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
