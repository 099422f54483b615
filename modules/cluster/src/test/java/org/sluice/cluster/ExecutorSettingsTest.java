package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class ExecutorSettingsTest {
    private static String advice(FailureKind kind, SparkConf conf) {
        return kind.advice(new ExecutorSettings(conf));
    }

    private static SparkConf conf(String master) {
        return new SparkConf(false).setMaster(master);
    }

    @Test
    void adviceShowsTheValuesOfItsSettings() {
        assertThat(advice(FailureKind.JAVA_HEAP, conf("yarn")))
                .isEqualTo("raise spark.executor.memory (now 1g, the default)");
        assertThat(advice(FailureKind.JAVA_HEAP, conf("yarn").set("spark.executor.memory", "6g")))
                .isEqualTo("raise spark.executor.memory (now 6g)");
        assertThat(advice(FailureKind.THREADS, conf("yarn"))).endsWith("lower spark.executor.cores (now not set)");
    }

    @Test
    void aContainerHasAnOverheadAndABareHostHasNot() {
        assertThat(advice(FailureKind.KILLED, conf("yarn").set("spark.executor.memoryOverhead", "1g")))
                .isEqualTo("lower training.microBatch, or raise spark.executor.memoryOverhead (now 1g)");
        assertThat(advice(FailureKind.KILLED, conf("k8s://https://host")))
                .endsWith("raise spark.executor.memoryOverhead (now 384m, the default)");
        assertThat(advice(FailureKind.KILLED, conf("yarn").set("spark.executor.memory", "20g")))
                .endsWith("raise spark.executor.memoryOverhead (now 2048m, the default)");
        assertThat(advice(FailureKind.KILLED, conf("spark://host:7077")))
                .isEqualTo("lower training.microBatch, or give its host or container more memory, or fewer executors; "
                        + "each has a heap of spark.executor.memory (now 1g, the default)");
    }

    @Test
    void ofJavaOptionsOnlyLimitsOfMemoryAreShown() {
        SparkConf conf =
                conf("yarn").set("spark.executor.extraJavaOptions", "-Da=b -Dorg.bytedeco.javacpp.maxbytes=4g");
        assertThat(advice(FailureKind.OFF_HEAP, conf))
                .contains("spark.executor.extraJavaOptions (now -Dorg.bytedeco.javacpp.maxbytes=4g)");
    }

    @Test
    void everyAdviceHasItsSettingsFilledIn() {
        for (FailureKind kind : FailureKind.values()) {
            assertThat(advice(kind, conf("yarn"))).isNotEmpty().doesNotContain("{", "}");
        }
    }
}
