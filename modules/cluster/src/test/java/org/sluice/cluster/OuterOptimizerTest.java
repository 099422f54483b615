package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class OuterOptimizerTest {
    private static OuterOptimizer nesterov(String schedule, double last) {
        return new OuterOptimizer(OuterOptimizer.NESTEROV, 0.8, 0.9, schedule, last);
    }

    @Test
    void theRateGoesWithTheStepsThatAreDone() {
        for (long done = 0; done <= 40; done++) {
            double part = done / 40.0;
            assertThat(OuterOptimizer.nesterov().rate(done, 40)).isEqualTo(0.7);
            assertThat(OuterOptimizer.average().rate(done, 40)).isEqualTo(1);
            assertThat(nesterov(OuterOptimizer.LINEAR, 0.2).rate(done, 40))
                    .isCloseTo(0.8 * (1 - part) + 0.2 * part, within(1e-15));
            assertThat(nesterov(OuterOptimizer.COSINE, 0.2).rate(done, 40))
                    .isCloseTo(0.5 + 0.3 * Math.cos(Math.PI * part), within(1e-15));
        }
        assertThat(nesterov(OuterOptimizer.LINEAR, 0.2).rate(40, 40)).isEqualTo(0.2);
        assertThat(nesterov(OuterOptimizer.COSINE, 0.2).rate(40, 40)).isEqualTo(0.2);
        assertThat(nesterov(OuterOptimizer.LINEAR, 0).rate(41, 40)).isZero();
    }

    @Test
    void aRoundTakesTheRateOfItsLastStep() {
        ExchangeRules rules = new ExchangeRules(nesterov(OuterOptimizer.LINEAR, 0), 8, WireFormat.FP32, false);
        RoundOrder order = ArrayParticipant.order("run", 3, 3);
        assertThat(rules.rate(order)).isCloseTo(0.8 * 2 / 8, within(1e-15));
    }

    @Test
    void whatDoesNotFitIsSaid() {
        assertThatThrownBy(() -> nesterov("steps", 0.1))
                .hasMessageContaining("'steps'")
                .hasMessageContaining("cosine");
        assertThatThrownBy(() -> nesterov(OuterOptimizer.LINEAR, -0.1))
                .hasMessageContaining("finalLearningRate is -0.1");
        assertThatThrownBy(() -> nesterov(OuterOptimizer.LINEAR, Double.NaN))
                .hasMessageContaining("finalLearningRate is NaN");
        assertThatThrownBy(() -> nesterov(OuterOptimizer.CONSTANT, 0.1))
                .hasMessageContaining("0.1")
                .hasMessageContaining("0.8")
                .hasMessageContaining("linear");
        assertThatThrownBy(() -> new OuterOptimizer(OuterOptimizer.AVERAGE, 1, 0, OuterOptimizer.COSINE, 0))
                .hasMessageContaining("schedule is cosine")
                .hasMessageContaining("nesterov");
        assertThatThrownBy(() -> TrainingFixture.cluster(2, 1, OuterOptimizer.average(), 1, WireFormat.INT8, true))
                .hasMessageContaining("partialSums")
                .hasMessageContaining("int8")
                .hasMessageContaining("fp32");
    }
}
