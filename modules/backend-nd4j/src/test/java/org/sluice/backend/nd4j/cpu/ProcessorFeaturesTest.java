package org.sluice.backend.nd4j.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ProcessorFeaturesTest {
    @Test
    void readsTheFlagsOfTheFirstProcessor() {
        String cpuinfo = "processor\t: 0\nflags\t\t: fpu avx512f avx512_bf16 sse\nprocessor\t: 1\nflags\t\t: fpu\n";
        assertThat(ProcessorFeatures.parse(cpuinfo).flags())
                .containsExactlyInAnyOrder("fpu", "avx512f", "avx512_bf16", "sse");
        assertThat(ProcessorFeatures.parse(cpuinfo).multipliesBfloat16()).isTrue();
        assertThat(ProcessorFeatures.parse("flags : fpu amx_bf16\n").multipliesBfloat16())
                .isTrue();
        assertThat(ProcessorFeatures.parse("flags : fpu avx2\n").multipliesBfloat16())
                .isFalse();
        assertThat(ProcessorFeatures.parse("").multipliesBfloat16()).isFalse();
    }
}
