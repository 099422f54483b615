package org.sluice.cluster;

/**
 * Why an executor failed, for the user.
 *
 * @param evidence what the kind was recognised by
 * @param advice what to change
 * @param log where the executor's log is; empty where it would tell no more
 * @param round the round that was under way, from 1
 */
record ExecutorDeath(
        String executor, String host, FailureKind kind, String evidence, String advice, String log, long round) {

    /** All of it in one line. */
    String sentence() {
        return name() + " " + kind.event() + " (" + evidence + ") in round " + round + kind.guess() + ": " + advice
                + (log.isEmpty() ? "" : "; its log: " + log);
    }

    String name() {
        return "executor " + executor + " on " + host;
    }
}
