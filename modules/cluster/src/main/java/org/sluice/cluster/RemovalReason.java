package org.sluice.cluster;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Reads the text that Spark and the cluster managers give for the loss of an executor. */
final class RemovalReason {
    private static final Pattern EXIT_CODE =
            Pattern.compile("(?i)exit(?:ed with)? *(?:code|status)(?: is)?:? *(-?\\d+)");

    /** YARN's account of what it measured: {@code 5.5 GB of 5 GB physical memory used}. */
    private static final Pattern USED = Pattern.compile("[0-9.]+ [KMGT]B of [0-9.]+ [KMGT]B \\w+ memory used");

    private static final Pattern MEMORY =
            Pattern.compile("exceeding (physical|virtual) memory|oomkilled|low on resource: memory");
    private static final Pattern DISK =
            Pattern.compile("no space left on device|ephemeral[- ](local[- ])?storage|usage of emptydir volume");
    private static final Pattern ON_PURPOSE = Pattern.compile("killed by driver|decommission|preempted|pre-emption"
            + "|explicit termination request|deleted by a user or the framework|worker shutting down");
    private static final Pattern SILENT =
            Pattern.compile("heartbeat|worker lost|lost\\*? node|host (is )?unreachable|nodelost");
    private static final Pattern DISCONNECTED =
            Pattern.compile("disassociated|executor process lost|was not found in the cluster|connection");

    private RemovalReason() {}

    static Diagnosis diagnose(String reason) {
        String text = reason == null ? "" : reason;
        String lower = text.toLowerCase(Locale.ROOT);
        if (MEMORY.matcher(lower).find()) {
            return new Diagnosis(FailureKind.MEMORY_LIMIT, memoryEvidence(text));
        }
        if (DISK.matcher(lower).find()) {
            return new Diagnosis(FailureKind.DISK_FULL, text);
        }
        if (ON_PURPOSE.matcher(lower).find()) {
            return new Diagnosis(FailureKind.REMOVED, text);
        }
        if (SILENT.matcher(lower).find()) {
            return new Diagnosis(FailureKind.SILENT, text);
        }
        Optional<Diagnosis> exit = exitCode(text).map(ExitCode::of);
        if (exit.isPresent()) {
            return exit.get();
        }
        return DISCONNECTED.matcher(lower).find()
                ? new Diagnosis(FailureKind.DISCONNECTED, text)
                : new Diagnosis(FailureKind.UNKNOWN, text.isBlank() ? "no reason given" : text);
    }

    private static String memoryEvidence(String text) {
        Matcher used = USED.matcher(text);
        if (used.find()) {
            return "YARN: " + used.group();
        }
        return text.contains("OOMKilled")
                ? Stream.concat(Stream.of("OOMKilled"), exitCode(text).map(code -> "exit code " + code).stream())
                        .reduce((name, code) -> name + ", " + code)
                        .orElseThrow()
                : text;
    }

    private static Optional<Integer> exitCode(String text) {
        Matcher code = EXIT_CODE.matcher(text);
        return code.find() ? Optional.of(Integer.valueOf(code.group(1))) : Optional.empty();
    }
}
