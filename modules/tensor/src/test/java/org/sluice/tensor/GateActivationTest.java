package org.sluice.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holds the scores against values that were computed apart, to ten digits. */
class GateActivationTest {

    @ParameterizedTest
    @CsvSource({
        "SIGMOID, -2, 0.1192029220",
        "SIGMOID, 0, 0.5",
        "SIGMOID, 3, 0.9525741268",
        "SILU, -2, -0.2384058440",
        "SILU, 0, 0",
        "SILU, 3, 2.8577223805",
        "IDENTITY, -2, -2",
        "IDENTITY, 0, 0",
        "IDENTITY, 3, 3",
        "NS_SIGMOID, -2, 0.5596014610",
        "NS_SIGMOID, 0, 0.75",
        "NS_SIGMOID, 3, 0.9762870634",
        "DOUBLE_SIGMOID, -2, 0.2384058440",
        "DOUBLE_SIGMOID, 0, 1",
        "DOUBLE_SIGMOID, 3, 1.9051482536"
    })
    void scores(GateActivation activation, double logit, double score) {
        assertThat(activation.score(logit)).isCloseTo(score, within(1e-10));
    }
}
