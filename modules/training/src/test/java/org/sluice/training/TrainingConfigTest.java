package org.sluice.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingConfigTest {
    @ParameterizedTest
    @CsvSource({"8, 8, 8", "8, 4, 4", "8, 9, 5", "8, 16, 8", "8, 17, 6", "1, 5, 1", "4, 1, 1"})
    void microBatchesAreNoLargerThanTheBlocksOfAStepNeed(int microBatch, int blocks, int expected) {
        TrainingConfig config = new TrainingConfig(
                TrainingConfig.ADAMW, 1, 0.1, 10, 100, 0.9, 0.95, 1e-8, 0.1, 1, 0, 0, 0, microBatch, 7);
        assertThat(config.fittedTo(blocks).microBatch()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "optimizer, lion",
                "learningRate, 0",
                "learningRate, NaN",
                "finalLearningRate, 2",
                "finalLearningRate, -1",
                "steps, 0",
                "warmupSteps, 101",
                "beta1, 1",
                "beta2, -0.1",
                "epsilon, 0",
                "weightDecay, -1",
                "gradientClip, -1",
                "gradientClip, Infinity",
                "zLossWeight, -1",
                "loadBalanceWeight, -1",
                "loadBalanceWeight, NaN",
                "routerZLossWeight, -0.5",
                "microBatch, 0"
            })
    void aValueOutOfRangeIsNamedWithItsRange(String name, String value) {
        assertThatThrownBy(() -> new TrainingConfig(
                        name.equals("optimizer") ? value : TrainingConfig.ADAMW,
                        or(name, "learningRate", value, 1),
                        or(name, "finalLearningRate", value, 0.1),
                        (long) or(name, "warmupSteps", value, 10),
                        (long) or(name, "steps", value, 100),
                        or(name, "beta1", value, 0.9),
                        or(name, "beta2", value, 0.95),
                        or(name, "epsilon", value, 1e-8),
                        or(name, "weightDecay", value, 0.1),
                        or(name, "gradientClip", value, 1),
                        or(name, "zLossWeight", value, 0),
                        or(name, "loadBalanceWeight", value, 0.01),
                        or(name, "routerZLossWeight", value, 0.001),
                        (int) or(name, "microBatch", value, 2),
                        7))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name)
                .hasMessageContaining(value)
                .hasMessageContaining(" it ");
    }

    private static double or(String name, String field, String value, double usual) {
        return name.equals(field) ? Double.parseDouble(value) : usual;
    }

    @ParameterizedTest
    @CsvSource({"0.1"})
    void plainGradientDescentHasNoWeightDecay(double weightDecay) {
        assertThatThrownBy(() -> new TrainingConfig(
                        TrainingConfig.SGD, 1, 1, 0, 10, 0.9, 0.95, 1e-8, weightDecay, 0, 0, 0, 0, 1, 7))
                .hasMessageContaining("weightDecay is 0.1 with optimizer sgd");
    }
}
