package org.sluice.jobs.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineProgressTest {
    private final List<String> lines = new ArrayList<>();
    private long seconds;

    @Test
    void saysTheFirstTheLastAndOneInFiveSecondsBetween() {
        try (LineProgress progress = start(0)) {
            for (int step = 1; step <= 100; step++) {
                seconds += 2;
                progress.update(step, 100, "loss " + (100 - step));
            }
        }
        assertThat(lines.get(0)).isEqualTo("training: 1/100 steps, loss 99, 3 min 18 s left");
        assertThat(lines.get(1)).isEqualTo("training: 4/100 steps, loss 96, 3 min 12 s left");
        assertThat(lines.get(lines.size() - 1)).isEqualTo("training: 100/100 steps, loss 0");
        assertThat(lines).hasSize(34);
    }

    @Test
    void countsTheTimeLeftFromWhereItBegan() {
        LineProgress progress = start(50);
        seconds = 10;
        progress.update(60, 100, "");
        assertThat(lines).containsExactly("training: 60/100 steps, 40 s left");
    }

    @Test
    void leavesOutWhatNobodyKnows() {
        LineProgress progress = new LineProgress(lines::add, () -> 0, "reading", 0, 0, "files");
        progress.update(7, 0, "");
        progress.note("a note");
        assertThat(lines).containsExactly("reading: 7 files", "a note");
    }

    private LineProgress start(long done) {
        return new LineProgress(lines::add, () -> seconds * 1_000_000_000L, "training", 100, done, "steps");
    }
}
