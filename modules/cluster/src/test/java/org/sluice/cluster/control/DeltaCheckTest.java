package org.sluice.cluster.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class DeltaCheckTest {

    @Test
    void whatIsNotFiniteIsRefusedWithHoweverFewOthers() {
        assertThat(DeltaCheck.refused(Map.of(3, Double.NaN), 10)).containsOnlyKeys(3);
        assertThat(DeltaCheck.refused(Map.of(0, 1.0, 1, Double.POSITIVE_INFINITY), 10))
                .containsOnlyKeys(1);
    }

    @Test
    void aNormFarAboveTheOthersIsRefusedAndTheMessageHasTheFigures() {
        Map<Integer, String> refused = DeltaCheck.refused(Map.of(0, 1.0, 1, 2.0, 2, 3.0, 7, 26.0), 10);
        assertThat(refused).containsOnlyKeys(7);
        assertThat(refused.get(7)).contains("26.00", "more than 10 times", "2.000");
    }

    @Test
    void nothingElseIsRefused() {
        assertThat(DeltaCheck.refused(Map.of(0, 1.0, 1, 2.0, 2, 14.0), 10)).isEmpty();
        assertThat(DeltaCheck.refused(Map.of(0, 1.0, 1, 1000.0), 10))
                .as("of two, which is wrong?")
                .isEmpty();
        assertThat(DeltaCheck.refused(Map.of(0, 1.0, 1, 1.0, 2, 1e9), 0))
                .as("not compared")
                .isEmpty();
        assertThat(DeltaCheck.refused(Map.of(0, 0.0, 1, 0.0, 2, 1.0), 10))
                .as("the others stood still")
                .isEmpty();
    }
}
