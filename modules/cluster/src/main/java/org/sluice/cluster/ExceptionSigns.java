package org.sluice.cluster;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.ExceptionFailure;

/** Recognises the exceptions that tell of an executor's trouble rather than of a mistake in what it was asked to do. */
final class ExceptionSigns {
    private record Sign(Pattern pattern, FailureKind kind) {
        Sign(String pattern, FailureKind kind) {
            this(Pattern.compile(pattern), kind);
        }
    }

    /** The first that fits counts, so the last of the memory signs takes what the others leave, such as Metaspace. */
    private static final List<Sign> SIGNS = List.of(
            new Sign("OutOfDeviceMemoryException", FailureKind.OFF_HEAP),
            new Sign(
                    "OutOfMemoryError: .*(direct buffer memory|Direct buffer memory|Physical memory usage is too high"
                            + "|Cannot allocate new |Failed to allocate memory|totalBytes)",
                    FailureKind.OFF_HEAP),
            new Sign("OutOfMemoryError: .*unable to create (new )?native thread", FailureKind.THREADS),
            new Sign(
                    "OutOfMemoryError: (Java heap space|GC overhead limit exceeded|Requested array size exceeds VM limit"
                            + "|Required length exceeds implementation limit)",
                    FailureKind.JAVA_HEAP),
            new Sign("SparkOutOfMemoryError", FailureKind.JAVA_HEAP),
            new Sign("OutOfMemoryError", FailureKind.OUT_OF_MEMORY),
            new Sign("No space left on device|Disk quota exceeded", FailureKind.DISK_FULL));

    private static final Pattern CAUSED_BY = Pattern.compile("^Caused by: ");

    private ExceptionSigns() {}

    /** The most telling of lines that begin with an exception's class, or have its message. */
    static Optional<Diagnosis> in(Stream<String> lines) {
        return lines.flatMap(line -> of(line).stream()).reduce(Diagnosis::or);
    }

    static Optional<Diagnosis> in(List<Throwable> chain) {
        return in(chain.stream().map(cause -> firstLine(cause.toString())));
    }

    /** Also where the exception itself could not be sent to the driver, but its stack trace. */
    static Optional<Diagnosis> in(ExceptionFailure failure) {
        Stream<String> causes = failure.fullStackTrace() == null
                ? Stream.of()
                : failure.fullStackTrace()
                        .lines()
                        .filter(line -> CAUSED_BY.matcher(line).find())
                        .map(line -> CAUSED_BY.matcher(line).replaceFirst(""));
        String itself = failure.className() + ": " + firstLine(String.valueOf(failure.description()));
        return in(Stream.concat(Stream.of(itself), causes)).map(sign -> withFolders(sign, failure));
    }

    private static Diagnosis withFolders(Diagnosis sign, ExceptionFailure failure) {
        return Optional.ofNullable(failure.fullStackTrace())
                .filter(trace -> LocalFolders.isOfDisk(sign))
                .flatMap(LocalFolders::told)
                .map(sign::with)
                .orElse(sign);
    }

    private static Optional<Diagnosis> of(String line) {
        return SIGNS.stream()
                .filter(sign -> sign.pattern().matcher(line).find())
                .findFirst()
                .map(sign -> new Diagnosis(sign.kind(), line));
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }
}
