package org.sluice.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestTest {
    private static final List<String> KNOWN = List.of("baseline", "sdpa-elementwise", "sdpa-headwise");

    @Test
    void countsInsertedRemovedAndChangedLetters() {
        assertThat(Nearest.editDistance("kitten", "sitting")).isEqualTo(3);
        assertThat(Nearest.editDistance("", "abc")).isEqualTo(3);
        assertThat(Nearest.editDistance("abc", "")).isEqualTo(3);
        assertThat(Nearest.editDistance("same", "same")).isZero();
        assertThat(Nearest.editDistance("flaw", "lawn")).isEqualTo(2);
    }

    @Test
    void namesTheNearestFirstAndNothingFarOff() {
        assertThat(Nearest.to("sdpa-headwis", KNOWN)).containsExactly("sdpa-headwise", "sdpa-elementwise");
        assertThat(Nearest.to("zzz", KNOWN)).isEmpty();
        assertThat(Nearest.suggestion("baselin", KNOWN)).isEqualTo("; did you mean 'baseline'?");
        assertThat(Nearest.suggestion("zzz", KNOWN)).isEmpty();
    }

    @Test
    void refusesWhatIsNotKnown() {
        Nearest.requireKnown("variant", "baseline", KNOWN);
        assertThatThrownBy(() -> Nearest.requireKnown("variant", "headwise", KNOWN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("there is no variant 'headwise'; did you mean 'sdpa-headwise'")
                .hasMessageEndingWith("(there are: baseline, sdpa-elementwise, sdpa-headwise)");
    }
}
