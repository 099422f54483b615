package org.sluice.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.sluice.cluster.preflight.Finding;
import org.sluice.cluster.preflight.Place;
import org.sluice.cluster.preflight.Verdict;

class FailureTest {

    @Test
    void aClusterThatIsNotReadyIsTheUsersToMend() {
        Verdict verdict = new Verdict(List.of(
                new Finding(true, new Place("3", "host7"), "the disk is full", "free space there"),
                new Finding(false, new Place("4", "host8"), "large pages are off", "switch them on")));
        Throwable thrown = catchThrowable(verdict::requireReady);
        Failure failure = Failure.of(new IllegalStateException("around it", thrown));
        assertThat(failure.badInput()).isTrue();
        assertThat(failure.message())
                .isEqualTo("the cluster is not ready for this training; nothing was computed. To be mended first:\n"
                        + "  executor 3 on host7: the disk is full: free space there");
        assertThat(verdict.warnings()).containsExactly("executor 4 on host8: large pages are off: switch them on");
    }

    @Test
    void anythingElseIsNot() {
        assertThat(Failure.of(new IllegalStateException("broken")).badInput()).isFalse();
        assertThat(Failure.of(new IllegalStateException("around it", new InputException("no such key")))
                        .badInput())
                .isTrue();
    }
}
