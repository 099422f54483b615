package org.sluice.experiments.live;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;

/** How fast training goes by the clock on the wall, checkpoints and all, over the last rounds. */
final class Pace {
    private static final int ROUNDS = 20;

    private final LongSupplier nanoClock;
    private final Deque<Mark> marks = new ArrayDeque<>();

    private record Mark(long step, long nanos) {}

    Pace(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** Training begins, or goes on, behind that step. */
    void begin(long step) {
        marks.clear();
        reached(step);
    }

    /** A round ended with that step. */
    void reached(long step) {
        marks.addLast(new Mark(step, nanoClock.getAsLong()));
        if (marks.size() > ROUNDS + 1) {
            marks.removeFirst();
        }
    }

    /** The seconds of a step; empty before the first round. */
    OptionalDouble secondsPerStep() {
        if (marks.size() < 2 || marks.getLast().step() <= marks.getFirst().step()) {
            return OptionalDouble.empty();
        }
        Mark first = marks.getFirst();
        Mark last = marks.getLast();
        return OptionalDouble.of((last.nanos() - first.nanos()) / 1e9 / (last.step() - first.step()));
    }

    /** The seconds that so many steps after the last round will still take; empty before the first round. */
    OptionalDouble secondsLeft(long steps) {
        OptionalDouble each = secondsPerStep();
        if (each.isEmpty()) {
            return each;
        }
        double since = (nanoClock.getAsLong() - marks.getLast().nanos()) / 1e9;
        return OptionalDouble.of(Math.max(0, each.getAsDouble() * steps - since));
    }
}
