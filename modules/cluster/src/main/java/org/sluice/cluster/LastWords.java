package org.sluice.cluster;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a JVM wrote about the reason of its end, in the last lines of its output.
 *
 * <p>Only what is always the end counts: an executor outlives most exceptions in its log.
 *
 * @param output the end of its standard output
 * @param error the end of its standard error, where an executor's log goes
 */
record LastWords(List<String> output, List<String> error) {
    /** As Spark's handler of uncaught exceptions says it before it ends the JVM; the exception is on the lines after it. */
    private static final String UNCAUGHT = "Uncaught exception in thread";

    private static final Pattern EXCEPTION = Pattern.compile("^(Caused by: )?[\\w.$]+(Exception|Error|Throwable)\\b.*");

    /** As a JVM says it that is to run a command, to exit or to abort when memory runs out. */
    private static final Pattern END_BY_MEMORY =
            Pattern.compile("^(# |Terminating due to |Aborting due to )java\\.lang\\.OutOfMemoryError.*");

    /** The crash, the exception or the lack of memory that ended the JVM; empty if it did not say. */
    Optional<Diagnosis> diagnosis() {
        return new CrashReport(output)
                .diagnosis()
                .or(() -> ExceptionSigns.in(Stream.concat(output.stream(), error.stream())
                        .filter(line -> END_BY_MEMORY.matcher(line).matches())))
                .or(this::uncaught);
    }

    private Optional<Diagnosis> uncaught() {
        List<String> exceptions = error.stream()
                .skip(afterUncaught())
                .filter(line -> EXCEPTION.matcher(line).matches())
                .toList();
        return ExceptionSigns.in(exceptions.stream())
                .or(() -> exceptions.stream().findFirst().map(line -> new Diagnosis(FailureKind.UNCAUGHT, line)));
    }

    private long afterUncaught() {
        for (int at = error.size() - 1; at >= 0; at--) {
            if (error.get(at).contains(UNCAUGHT)) {
                return at + 1L;
            }
        }
        return error.size();
    }
}
