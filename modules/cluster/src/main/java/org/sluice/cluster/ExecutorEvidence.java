package org.sluice.cluster;

/**
 * What Spark has told of an executor in trouble.
 *
 * @param removed whether the executor is gone; it may also be alive, with a task that failed for want of memory or disk
 */
record ExecutorEvidence(String executor, boolean removed, Diagnosis diagnosis) {
    ExecutorEvidence and(ExecutorEvidence later) {
        return new ExecutorEvidence(executor, removed || later.removed(), diagnosis.or(later.diagnosis()));
    }
}
