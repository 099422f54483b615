package org.sluice.cluster;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.status.api.v1.ExecutorSummary;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.jdk.javaapi.CollectionConverters;

/** Finds out why an executor failed: from what Spark told, and from the executor's own files where they can be read. */
final class Inquest {
    private static final Logger LOG = LoggerFactory.getLogger(Inquest.class);
    private static final int SHOWN_LINES = 20;

    /** What Spark tells of these is the end of a process whose own log may say what it ended of. */
    private static final Set<FailureKind> LOG_KNOWS = EnumSet.of(
            FailureKind.NATIVE_CRASH,
            FailureKind.OUT_OF_MEMORY,
            FailureKind.TERMINATED,
            FailureKind.UNCAUGHT,
            FailureKind.DISCONNECTED,
            FailureKind.UNKNOWN);

    private final JavaSparkContext context;
    private final ExecutorSettings settings;
    private final ExecutorLogs logs;

    Inquest(JavaSparkContext context) {
        this.context = context;
        this.settings = new ExecutorSettings(context.getConf());
        this.logs = ExecutorLogs.of(context.sc().applicationId(), System.getenv());
    }

    ExecutorDeath death(ExecutorEvidence evidence, long round) {
        Optional<ExecutorSummary> summary = summary(evidence.executor());
        Diagnosis diagnosis = evidence.removed() ? withLogs(evidence) : evidence.diagnosis();
        if (diagnosis.kind().logTellsMore()) {
            show(evidence.executor());
        }
        String host = summary.map(ExecutorSummary::hostPort)
                .map(address -> address.replaceFirst(":\\d+$", ""))
                .orElse("an unknown host");
        return new ExecutorDeath(
                evidence.executor(),
                host,
                diagnosis.kind(),
                diagnosis.evidence(),
                diagnosis.kind().advice(settings),
                diagnosis.kind().logTellsMore() ? log(evidence.executor(), host, summary) : "",
                round);
    }

    /** The log may be gone by the time that somebody looks for it. */
    private void show(String executor) {
        List<String> end = logs.end(executor, "stderr");
        if (!end.isEmpty()) {
            LOG.warn(
                    "The end of the log of executor {}:\n{}",
                    executor,
                    String.join("\n", end.subList(Math.max(0, end.size() - SHOWN_LINES), end.size())));
        }
    }

    private Optional<ExecutorSummary> summary(String executor) {
        return CollectionConverters.asJava(context.sc().statusStore().executorList(false)).stream()
                .filter(summary -> summary.id().equals(executor))
                .findFirst();
    }

    /** A JVM that crashes says where; its exit code and an exception before it do not. */
    private Diagnosis withLogs(ExecutorEvidence evidence) {
        String executor = evidence.executor();
        Diagnosis told = evidence.diagnosis();
        Optional<Diagnosis> crash = logs.crashReport(executor)
                .map(report -> new CrashReport(logs.head(report)))
                .flatMap(CrashReport::diagnosis);
        if (crash.isPresent()) {
            Diagnosis found = crash.get();
            return told.kind() == found.kind() ? found.with(told.evidence()) : found;
        }
        if (!LOG_KNOWS.contains(told.kind())) {
            return told;
        }
        return new LastWords(logs.end(executor, "stdout"), logs.end(executor, "stderr"))
                .diagnosis()
                .map(said -> said.kind() == told.kind() ? said.with(told.evidence()) : told.or(said))
                .orElse(told);
    }

    /** The nearest that there is: a file on this machine, an address of the cluster manager, or the host at least. */
    private String log(String executor, String host, Optional<ExecutorSummary> summary) {
        Optional<String> crash = logs.crashReport(executor).map(Object::toString);
        Optional<String> file = crash.or(() ->
                logs.folder(executor).map(folder -> folder.resolve("stderr").toString()));
        Map<String, String> addresses = summary.map(found -> CollectionConverters.asJava(found.executorLogs()))
                .orElse(Map.of());
        return file.orElseGet(() -> addresses.getOrDefault(
                "stderr",
                "stderr of executor " + executor + " of " + context.sc().applicationId()
                        + ", and hs_err_pid*.log in its " + "working folder, on " + host));
    }
}
