package org.sluice.backend.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HostMemoryLimitTest {

    @Test
    void whatFitsIsNotRefused() {
        assertThat(new HostMemoryLimit(300, 1000, 5000).refusal(700)).isEmpty();
        assertThat(new HostMemoryLimit(300, 0, 5000).refusal(4700)).isEmpty();
    }

    @Test
    void javacppsLimitIsNamedWithTheSettingThatLiftsIt() {
        assertThat(new HostMemoryLimit(300, 1000, 5000).refusal(701)).hasValueSatisfying(reason -> assertThat(reason)
                .contains("1000 bytes", "-Dorg.bytedeco.javacpp.maxphysicalbytes=0"));
    }

    @Test
    void theMachinesMemoryIsTheLastLimit() {
        assertThat(new HostMemoryLimit(300, 0, 5000).refusal(4701))
                .hasValueSatisfying(reason -> assertThat(reason).contains("the machine has 5000 bytes"));
        assertThat(new HostMemoryLimit(300, 0, 5000).refusal(Long.MAX_VALUE)).isPresent();
    }

    @Test
    void theLimitsOfThisProcessAreReal() {
        HostMemoryLimit now = HostMemoryLimit.now();
        assertThat(now.used()).isBetween(1L << 20, now.machine());
        assertThat(now.machine()).isGreaterThan(1L << 30);
    }

    @Test
    void whatJavacppLeavesIsABoundOnlyIfItSetsOne() {
        assertThat(new HostMemoryLimit(300, 0, 5000).bounds()).isEmpty();
        assertThat(new HostMemoryLimit(300, 1000, 5000).bounds())
                .singleElement()
                .satisfies(bound -> {
                    assertThat(bound.bytes()).isEqualTo(700);
                    assertThat(bound.source()).contains("maxphysicalbytes", "1000 bytes");
                    assertThat(bound.cure()).contains("-Dorg.bytedeco.javacpp.maxphysicalbytes=0");
                });
        assertThat(new HostMemoryLimit(1300, 1000, 5000).bounds())
                .singleElement()
                .extracting(bound -> bound.bytes())
                .isEqualTo(0L);
    }
}
