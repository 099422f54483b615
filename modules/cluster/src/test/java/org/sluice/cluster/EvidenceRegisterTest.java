package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EvidenceRegisterTest {
    private static final Diagnosis DISCONNECTED = new Diagnosis(FailureKind.DISCONNECTED, "gone");
    private static final Diagnosis KILLED = new Diagnosis(FailureKind.KILLED, "exit code 137");
    private static final Diagnosis HEAP = new Diagnosis(FailureKind.JAVA_HEAP, "Java heap space");
    private static final Diagnosis DISK = new Diagnosis(FailureKind.DISK_FULL, "No space left on device");

    private final EvidenceRegister register = new EvidenceRegister();

    private List<ExecutorEvidence> now(Exception failure) {
        return register.behind(new FailureChain(failure), Duration.ZERO);
    }

    private static Exception fetchFailure(String executor) {
        return new SparkException("Job aborted due to stage failure: FetchFailed(BlockManagerId(" + executor
                + ", host, 7, None), shuffleId=0)");
    }

    @Test
    void theMostTellingEvidenceOfAnExecutorStays() {
        register.begin(Set.of("1"));
        register.add(new ExecutorEvidence("1", false, HEAP));
        register.add(new ExecutorEvidence("1", true, DISCONNECTED));
        assertThat(now(fetchFailure("1"))).containsExactly(new ExecutorEvidence("1", true, HEAP));
    }

    @Test
    void theMostTellingExecutorComesFirstAndThenTheEarliest() {
        register.begin(Set.of("1", "2", "3"));
        register.add(new ExecutorEvidence("2", true, DISCONNECTED));
        register.add(new ExecutorEvidence("1", true, DISCONNECTED));
        register.add(new ExecutorEvidence("3", true, KILLED));
        assertThat(now(fetchFailure("1")))
                .extracting(ExecutorEvidence::executor)
                .containsExactly("3", "2", "1");
    }

    @Test
    void anExecutorThatTheFailureHasNothingToDoWithIsNotBlamed() {
        register.begin(Set.of("1"));
        register.add(new ExecutorEvidence("9", true, KILLED));
        register.add(new ExecutorEvidence("1", false, DISK));
        assertThat(now(new SparkException("Job aborted", new IllegalStateException("block 6 is cursed"))))
                .isEmpty();
        assertThat(now(fetchFailure("99"))).isEmpty();
        assertThat(now(fetchFailure("9")))
                .extracting(ExecutorEvidence::executor)
                .containsExactly("9");
        assertThat(now(new SparkException("Job aborted", new IOException("No space left on device"))))
                .containsExactly(new ExecutorEvidence("1", false, DISK));
    }

    @Test
    void aNewGenerationForgetsWhatItDoesNotNeed() {
        register.begin(Set.of("1", "2"));
        register.add(new ExecutorEvidence("1", true, KILLED));
        register.add(new ExecutorEvidence("2", false, DISK));
        register.add(new ExecutorEvidence("3", true, KILLED));
        register.begin(Set.of("2", "3"));
        assertThat(now(fetchFailure("1")))
                .extracting(ExecutorEvidence::executor)
                .containsExactly("3");
        assertThat(now(new SparkException("x", new IOException("No space left on device"))))
                .extracting(ExecutorEvidence::executor)
                .containsExactly("3");
    }

    @Test
    void anEchoWaitsForTheNewsThatExplainIt() throws Exception {
        register.begin(Set.of("1"));
        for (Exception echo : List.of(
                fetchFailure("1"),
                new SparkException("Job aborted", new WorkerStateException("worker 0 has no state", null)),
                new SparkException("Job aborted", new ConnectException("Connection refused")))) {
            FutureTask<List<ExecutorEvidence>> asked =
                    new FutureTask<>(() -> register.behind(new FailureChain(echo), Duration.ofHours(1)));
            Thread asking = new Thread(asked, "asks for the cause");
            asking.start();
            while (asking.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
            register.add(new ExecutorEvidence("9", true, DISCONNECTED));
            assertThat(asked.isDone()).as("another executor explains nothing").isFalse();
            register.add(new ExecutorEvidence("1", true, KILLED));
            assertThat(asked.get(30, TimeUnit.SECONDS)).containsExactly(new ExecutorEvidence("1", true, KILLED));
            register.begin(Set.of("2"));
            register.begin(Set.of("1"));
        }
    }

    @Test
    void patienceEnds() {
        register.begin(Set.of("1"));
        long start = System.nanoTime();
        assertThat(register.behind(new FailureChain(fetchFailure("1")), Duration.ofMillis(50)))
                .isEmpty();
        assertThat(System.nanoTime() - start)
                .isGreaterThanOrEqualTo(Duration.ofMillis(50).toNanos());
    }

    @Test
    void anExceptionOfATaskIsNoEchoAndWaitsForNothing() {
        register.begin(Set.of("1"));
        Exception failure = new SparkException("Job aborted", new IllegalStateException("block 6 is cursed"));
        assertThat(register.behind(new FailureChain(failure), Duration.ofHours(1)))
                .isEmpty();
    }
}
