package org.sluice.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.sluice.data.DatasetManifest.DomainRange;

class HeldOutSampleTest {
    private static final List<DomainRange> RANGES =
            List.of(new DomainRange("java", 0, 60), new DomainRange("prose", 60, 39), new DomainRange("rare", 99, 1));

    @Test
    void belowTheLimitAllBlocksAreRead() {
        assertThat(HeldOutSample.choose(RANGES, 100))
                .containsExactlyElementsOf(LongStream.range(0, 100).boxed().toList());
        assertThat(HeldOutSample.choose(RANGES, 1_000_000)).hasSize(100);
        assertThat(HeldOutSample.choose(List.of(), 5)).isEmpty();
    }

    @Test
    void aboveTheLimitDomainsKeepTheirShares() {
        List<Long> chosen = HeldOutSample.choose(RANGES, 20);

        assertThat(chosen).doesNotHaveDuplicates().isSorted().contains(99L);
        assertThat(chosen.stream().filter(number -> number < 60)).hasSize(12);
        assertThat(chosen.stream().filter(number -> number >= 60 && number < 99))
                .hasSize(8);
    }

    @Test
    void blocksAreEvenlySpread() {
        assertThat(HeldOutSample.choose(List.of(new DomainRange("java", 10, 100)), 4))
                .containsExactly(22L, 47L, 72L, 97L);
    }
}
