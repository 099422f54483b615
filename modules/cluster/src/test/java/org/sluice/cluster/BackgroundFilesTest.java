package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.sluice.model.checkpoint.FileRecord;

@Timeout(30)
class BackgroundFilesTest {
    private static final List<FileRecord> FILES =
            List.of(new FileRecord("worker-00003.safetensors", 7, "0".repeat(64)));

    private final BackgroundFiles background = new BackgroundFiles(3);

    @Test
    void runsUntilItIsDoneAndTellsWhatItWrote() {
        CountDownLatch release = new CountDownLatch(1);
        background.begin(1, () -> {
            release.await();
            return FILES;
        });
        assertThat(background.holds(1)).isTrue();
        assertThat(background.holds(2)).isFalse();
        assertThat(background.poll(1)).isEqualTo(CheckpointShare.Outcome.running(3));
        release.countDown();
        assertThat(background.await(1)).isEqualTo(CheckpointShare.Outcome.written(3, FILES));
        assertThat(background.poll(1)).isEqualTo(CheckpointShare.Outcome.written(3, FILES));
    }

    @Test
    void aFailureIsToldInOneLine() {
        background.begin(1, () -> {
            throw new IOException("No space left on device\nmore");
        });
        assertThat(background.await(1))
                .isEqualTo(CheckpointShare.Outcome.failed(3, "IOException: No space left on device"));
    }

    @Test
    void whatItWasNeverToldToWriteIsNotWritten() {
        assertThat(background.poll(5).done()).isTrue();
        assertThat(background.poll(5).failure()).contains("worker 3").contains("written nothing");
    }

    @Test
    void whenItIsClosedNothingMoreIsWritten() {
        CountDownLatch begun = new CountDownLatch(1);
        AtomicBoolean ended = new AtomicBoolean();
        background.begin(1, () -> {
            begun.countDown();
            try {
                while (true) {
                    BackgroundFiles.requireNotInterrupted();
                    Thread.onSpinWait();
                }
            } finally {
                ended.set(true);
            }
        });
        assertThat(background.poll(1).done()).isFalse();
        awaitQuietly(begun);
        background.close();
        assertThat(ended).isTrue();
        assertThat(background.await(1).failure()).startsWith(InterruptedIOException.class.getSimpleName());
    }

    @Test
    void anotherAttemptEndsTheOneBefore() {
        CountDownLatch begun = new CountDownLatch(1);
        AtomicBoolean ended = new AtomicBoolean();
        background.begin(1, () -> {
            begun.countDown();
            try {
                new CountDownLatch(1).await();
                return FILES;
            } finally {
                ended.set(true);
            }
        });
        awaitQuietly(begun);
        background.begin(2, () -> {
            assertThat(ended).isTrue();
            return FILES;
        });
        assertThat(background.await(2)).isEqualTo(CheckpointShare.Outcome.written(3, FILES));
        assertThat(background.await(1).failure()).contains("written nothing");
    }

    @Test
    void anInterruptedThreadIsToldSo() {
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(BackgroundFiles::requireNotInterrupted).isInstanceOf(InterruptedIOException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }
}
