package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.sluice.cluster.control.FleetException;
import org.sluice.cluster.preflight.Finding;
import org.sluice.cluster.preflight.Place;
import org.sluice.cluster.preflight.PreflightException;
import org.sluice.cluster.preflight.Verdict;

/** Which executors workers come to live in, of executors that are listed here. */
class MusterTest {
    private final Set<String> alive = new HashSet<>();
    private final Set<String> unfit = new HashSet<>();
    private final Set<String> dying = new HashSet<>();
    private final List<String> lookedAt = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private final WorkerPlaces places = new WorkerPlaces();
    private final Muster muster = new Muster(places, this::candidates, this::look, warnings::add);

    private List<WorkerPlaces.Executor> candidates(int workers, Set<String> excluded) {
        List<WorkerPlaces.Executor> there = alive.stream()
                .filter(executor -> !excluded.contains(executor))
                .sorted()
                .map(executor -> new WorkerPlaces.Executor(executor, "host-" + executor, 1))
                .toList();
        if (there.isEmpty()) {
            throw new IllegalStateException("no executor has come up");
        }
        return there;
    }

    private Verdict look(List<WorkerPlacement> workers) {
        workers.forEach(worker -> lookedAt.add(worker.executor()));
        if (workers.stream().anyMatch(worker -> dying.contains(worker.executor()))) {
            throw new FleetException("it was killed from outside", null);
        }
        return new Verdict(workers.stream()
                .filter(worker -> unfit.contains(worker.executor()))
                .map(worker -> new Finding(
                        true, new Place(worker.executor(), worker.host()), "it has Java 11", "install Java 17"))
                .toList());
    }

    private List<String> fill(int least, int most, Integer... gone) {
        muster.fill(least, most, Set.of(gone), Set.of());
        return places.all().stream().map(WorkerPlacement::executor).toList();
    }

    @Test
    void eachExecutorIsLookedAtOnce() {
        alive.addAll(Set.of("0", "1"));
        assertThat(fill(1, 4)).containsExactly("0", "1");
        assertThat(fill(1, 4)).containsExactly("0", "1");
        alive.add("2");
        assertThat(fill(1, 4)).containsExactly("0", "1", "2");
        assertThat(lookedAt).containsExactly("0", "1", "2");
        assertThat(warnings).isEmpty();
    }

    @Test
    void oneThatIsNotReadyBeforeTheFirstRoundStopsTheTraining() {
        alive.addAll(Set.of("0", "1"));
        unfit.add("1");
        assertThatThrownBy(() -> fill(1, 4))
                .isInstanceOf(PreflightException.class)
                .hasMessageContaining("executor 1 on host-1: it has Java 11: install Java 17");
    }

    @Test
    void oneThatJoinsLaterAndIsNotReadyIsLeftOutUntilItIs() {
        alive.addAll(Set.of("0", "1"));
        assertThat(fill(1, 3)).containsExactly("0", "1");
        alive.addAll(Set.of("2", "3"));
        unfit.add("2");
        assertThat(fill(1, 3)).containsExactly("0", "1", "3");
        assertThat(warnings).containsExactly("not ready: executor 2 on host-2: it has Java 11: install Java 17");
        alive.remove("3");
        unfit.clear();
        assertThat(fill(1, 3, 2)).containsExactly("0", "1", "2");
    }

    @Test
    void oneThatDiesWhileItIsLookedAtSendsNobodyBack() {
        alive.addAll(Set.of("0", "1"));
        fill(1, 3);
        alive.add("2");
        dying.add("2");
        assertThat(fill(1, 3)).containsExactly("0", "1");
        assertThat(warnings).containsExactly("not ready: it was killed from outside");
        alive.removeAll(Set.of("0", "1"));
        assertThatThrownBy(() -> fill(1, 3, 0, 1)).isInstanceOf(FleetException.class);
    }

    @Test
    void whereNoneIsLeftTheReasonsAreSaid() {
        alive.add("0");
        fill(1, 1);
        alive.clear();
        alive.add("1");
        unfit.add("1");
        assertThatThrownBy(() -> fill(1, 1, 0))
                .isInstanceOf(FleetException.class)
                .hasMessageContaining("no executor has come up; executor 1 on host-1: it has Java 11");
    }
}
