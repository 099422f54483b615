package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.ExceptionFailure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sluice.tensor.OutOfDeviceMemoryException;

class ExceptionSignsTest {
    /** The messages of JDK 17 and of org.bytedeco.javacpp.Pointer 1.5.7. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Java heap space | JAVA_HEAP",
                "GC overhead limit exceeded | JAVA_HEAP",
                "Requested array size exceeds VM limit | JAVA_HEAP",
                "Cannot reserve 1048576 bytes of direct buffer memory (allocated: 1, limit: 2) | OFF_HEAP",
                "Direct buffer memory | OFF_HEAP",
                "Physical memory usage is too high: physicalBytes (3G) > maxPhysicalBytes (2G) | OFF_HEAP",
                "Failed to allocate memory within limits: totalBytes (2G + 1G) > maxBytes (2G) | OFF_HEAP",
                "Cannot allocate new FloatPointer(9): totalBytes = 2G, physicalBytes = 3G | OFF_HEAP",
                "unable to create native thread: possibly out of memory or process/resource limits reached | THREADS",
                "Metaspace | OUT_OF_MEMORY"
            })
    void memory(String message, FailureKind kind) {
        List<Throwable> chain = List.of(new IllegalStateException("task"), new OutOfMemoryError(message));
        assertThat(ExceptionSigns.in(chain)).contains(new Diagnosis(kind, "java.lang.OutOfMemoryError: " + message));
    }

    @Test
    void anExceptionThatReachedTheDriverAsTextOnly() {
        UncheckedIOException thrown = new UncheckedIOException(new IOException("No space left on device"));
        assertThat(ExceptionSigns.in(failure(thrown)))
                .contains(new Diagnosis(
                        FailureKind.DISK_FULL,
                        "java.io.UncheckedIOException: java.io.IOException: No space left on device"));
        assertThat(ExceptionSigns.in(
                        failure(new IllegalStateException("spill", new IOException("Disk quota exceeded")))))
                .contains(new Diagnosis(FailureKind.DISK_FULL, "java.io.IOException: Disk quota exceeded"));
        assertThat(ExceptionSigns.in(failure(new OutOfDeviceMemoryException("no memory for tensor 'x'", null))))
                .contains(new Diagnosis(
                        FailureKind.OFF_HEAP,
                        "org.sluice.tensor.OutOfDeviceMemoryException: no memory for tensor 'x'"));
        assertThat(ExceptionSigns.in(failure(new IllegalStateException("block 6 is cursed"))))
                .isEmpty();
    }

    @Test
    void theMostTellingOfSeveralCounts() {
        assertThat(ExceptionSigns.in(Stream.of(
                        "java.io.IOException: No space left on device", "java.lang.OutOfMemoryError: Java heap space")))
                .contains(new Diagnosis(FailureKind.JAVA_HEAP, "java.lang.OutOfMemoryError: Java heap space"));
    }

    private static ExceptionFailure failure(Throwable thrown) {
        return new ExceptionFailure(thrown, ScalaInterop.seq(List.of()), false);
    }
}
