package org.sluice.cluster;

import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * What is known of executors in trouble since a generation of workers began, and which of it lies behind a failure.
 *
 * <p>Spark's listeners hear of an executor's death by another way than the driver's thread of the failure that it leads to, often later.
 * So whoever asks waits for the news, if the failure is one that an executor's death leads to.
 */
final class EvidenceRegister {
    private final Map<String, ExecutorEvidence> known = new LinkedHashMap<>();
    private final Set<String> needed = new HashSet<>();

    /** A generation begins: what is known of others than these executors, or of troubles that they outlived, is of no interest any more. */
    synchronized void begin(Set<String> executors) {
        needed.clear();
        needed.addAll(executors);
        known.values().removeIf(evidence -> !evidence.removed() || !needed.contains(evidence.executor()));
    }

    synchronized void need(Set<String> executors) {
        needed.addAll(executors);
    }

    synchronized void add(ExecutorEvidence evidence) {
        known.merge(evidence.executor(), evidence, ExecutorEvidence::and);
        notifyAll();
    }

    /** What is known of an executor. */
    synchronized Optional<ExecutorEvidence> of(String executor) {
        return Optional.ofNullable(known.get(executor));
    }

    /**
     * What lies behind a failure, the most telling first; of equally telling evidence that which came first.
     *
     * @param patience how long news are waited for, if an executor must be behind the failure and none is known yet
     */
    synchronized List<ExecutorEvidence> behind(FailureChain failure, Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        boolean interrupted = false;
        List<ExecutorEvidence> found = relevant(failure);
        long left = patience.toNanos();
        while (found.isEmpty() && left > 0 && !interrupted && awaitsNews(failure)) {
            try {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            } catch (InterruptedException interruption) {
                Thread.currentThread().interrupt();
                interrupted = true;
            }
            found = relevant(failure);
            left = end - System.nanoTime();
        }
        return found;
    }

    private static boolean awaitsNews(FailureChain failure) {
        return failure.isEcho() || failure.trouble().isPresent();
    }

    private List<ExecutorEvidence> relevant(FailureChain failure) {
        Optional<FailureKind> trouble = failure.trouble().map(Diagnosis::kind);
        return known.values().stream()
                .filter(evidence -> evidence.removed()
                        ? needed.contains(evidence.executor()) || failure.names(evidence.executor())
                        : trouble.filter(kind -> kind == evidence.diagnosis().kind())
                                .isPresent())
                .sorted(Comparator.comparing(evidence -> evidence.diagnosis().kind()))
                .toList();
    }
}
