package org.sluice.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LearningRateScheduleTest {
    private static LearningRateSchedule schedule(double peak, double floor, long warmup, long steps) {
        return new LearningRateSchedule(new TrainingConfig(
                TrainingConfig.ADAMW, peak, floor, warmup, steps, 0.9, 0.95, 1e-8, 0.1, 1, 0, 0, 0, 1, 7));
    }

    @Test
    void warmsUpLinearlyToThePeak() {
        LearningRateSchedule schedule = schedule(0.4, 0.04, 4, 104);
        assertThat(schedule.at(0)).isEqualTo(0.1);
        assertThat(schedule.at(1)).isEqualTo(0.2);
        assertThat(schedule.at(2)).isCloseTo(0.3, within(1e-15));
        assertThat(schedule.at(3)).isEqualTo(0.4);
    }

    @Test
    void fallsAsACosineToTheFloor() {
        LearningRateSchedule schedule = schedule(0.4, 0.04, 4, 104);
        assertThat(schedule.at(28)).isCloseTo(0.04 + 0.36 * (1 + Math.sqrt(0.5)) / 2, within(1e-15));
        assertThat(schedule.at(53)).isCloseTo(0.22, within(1e-15));
        assertThat(schedule.at(103)).isEqualTo(0.04);
        assertThat(schedule.at(1_000_000)).isEqualTo(0.04);
        for (long step = 4; step < 104; step++) {
            assertThat(schedule.at(step)).isLessThan(schedule.at(step - 1));
        }
    }

    @Test
    void needsNoWarmUpAndNoDecay() {
        assertThat(schedule(0.4, 0.04, 0, 2).at(0)).isCloseTo(0.22, within(1e-15));
        assertThat(schedule(0.4, 0.04, 8, 8).at(7)).isEqualTo(0.4);
        assertThat(schedule(0.4, 0.4, 0, 10).at(5)).isEqualTo(0.4);
    }
}
