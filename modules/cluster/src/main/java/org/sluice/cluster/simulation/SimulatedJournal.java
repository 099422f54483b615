package org.sluice.cluster.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.sluice.cluster.control.Journal;
import org.sluice.cluster.control.Milestone;
import org.sluice.cluster.control.RoundPlan;

/** Remembers the rounds that count. */
final class SimulatedJournal implements Journal<Integer> {
    private final List<SimulatedRound> rounds = new ArrayList<>();
    private long begun;

    /** The rounds that count, in their order. */
    List<SimulatedRound> rounds() {
        return List.copyOf(rounds);
    }

    /** How often a generation of workers began. */
    long begun() {
        return begun;
    }

    @Override
    public void begins(Milestone from, List<Integer> crew) {
        begun++;
        while (!rounds.isEmpty() && rounds.get(rounds.size() - 1).after().round() > from.round()) {
            rounds.remove(rounds.size() - 1);
        }
    }

    @Override
    public void round(
            RoundPlan plan, Milestone after, List<Integer> reports, Map<Integer, String> uncounted, double seconds) {
        rounds.add(new SimulatedRound(plan.deal(), after, reports, uncounted, seconds));
    }

    @Override
    public void goesBack(Milestone to, String cause, int attempt) {
        // What was done since is forgotten when the next generation begins.
    }
}
