package org.sluice.cluster;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The head of what a JVM writes when it dies of something that it cannot handle: {@code hs_err_pid*.log}, and the same lines in its output.
 *
 * @param lines the head's lines, each of which begins with {@code #}
 */
record CrashReport(List<String> lines) {
    private static final Pattern SIGNAL = Pattern.compile("^# +(SIG[A-Z]+|Internal Error) ?.*");
    private static final Pattern FRAME_TITLE = Pattern.compile("^# Problematic frame:.*");
    private static final Pattern NO_MEMORY =
            Pattern.compile("^# +(Native memory allocation .*|.*insufficient memory for the Java Runtime.*)");
    private static final Pattern HEAP = Pattern.compile("^# +(fatal error: OutOfMemory encountered: .*)");

    CrashReport {
        lines = lines.stream().filter(line -> line.startsWith("#")).toList();
    }

    /** The signal and the frame that it came from; or the memory that could not be had. Empty if there is no report in the lines. */
    Optional<Diagnosis> diagnosis() {
        return first(HEAP)
                .map(line -> new Diagnosis(FailureKind.JAVA_HEAP, line))
                .or(() -> last(NO_MEMORY).map(line -> new Diagnosis(FailureKind.OFF_HEAP, line)))
                .or(() -> first(SIGNAL)
                        .map(signal -> new Diagnosis(
                                FailureKind.NATIVE_CRASH,
                                signal + frame().map(at -> " at " + at).orElse(""))));
    }

    private Optional<String> frame() {
        for (int at = 0; at < lines.size() - 1; at++) {
            if (FRAME_TITLE.matcher(lines.get(at)).matches()) {
                return Optional.of(lines.get(at + 1).substring(1).strip().replaceAll("\\s+", " "));
            }
        }
        return Optional.empty();
    }

    private Optional<String> first(Pattern pattern) {
        return matches(pattern).stream().findFirst();
    }

    private Optional<String> last(Pattern pattern) {
        return matches(pattern).stream().reduce((earlier, later) -> later);
    }

    private List<String> matches(Pattern pattern) {
        return lines.stream()
                .map(pattern::matcher)
                .filter(Matcher::matches)
                .map(match -> match.group(1))
                .toList();
    }
}
