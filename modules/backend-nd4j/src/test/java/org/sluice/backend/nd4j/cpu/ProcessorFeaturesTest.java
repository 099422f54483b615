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

    @Test
    void aProcessorWithoutWideVectorsIsTooOld() {
        assertThat(ProcessorFeatures.parse("flags : fpu sse4_2 avx\n").tooOld())
                .hasValueSatisfying(reason -> assertThat(reason).contains("neither AVX2 nor AVX-512", "use a host"));
        assertThat(ProcessorFeatures.parse("flags : fpu avx avx2\n").tooOld()).isEmpty();
        assertThat(ProcessorFeatures.parse("flags : fpu avx512f\n").tooOld()).isEmpty();
        assertThat(ProcessorFeatures.parse("").tooOld()).as("another system").isEmpty();
    }
}
