package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Jobs over partitions, of which the earlier ones take longer. */
class PartitionJobTest {
    private static final List<Integer> VALUES = IntStream.range(0, 50).boxed().toList();

    private static JavaSparkContext context;

    @BeforeAll
    static void start() {
        context = SparkSessions.local(2);
    }

    @AfterAll
    static void stop() {
        context.stop();
    }

    private static JavaRDD<Integer> values() {
        return context.parallelize(VALUES, 8);
    }

    @Test
    void resultsAreInTheOrderOfThePartitions() {
        List<List<Integer>> partitions = PartitionJob.run(values().rdd(), slice -> {
            List<Integer> list = new ArrayList<>();
            slice.forEachRemaining(list::add);
            for (int turn = 0; turn < 1_000_000 / (1 + list.get(0)); turn++) {
                Thread.onSpinWait();
            }
            return list;
        });
        assertThat(partitions).isEqualTo(values().glom().collect());
        assertThat(PartitionJob.collect(values().rdd())).isEqualTo(VALUES);
    }

    @Test
    void whatIsComputedIsKept() {
        JavaRDD<Integer> kept = values().persist(StorageLevel.MEMORY_ONLY());
        PartitionJob.compute(kept.rdd());
        assertThat(context.sc().getRDDStorageInfo()).singleElement().satisfies(info -> {
            assertThat(info.id()).isEqualTo(kept.id());
            assertThat(info.numCachedPartitions()).isEqualTo(8);
        });
        kept.unpersist(true);
    }

    @Test
    void aFailureIsTold() {
        assertThatThrownBy(() -> PartitionJob.run(values().rdd(), slice -> {
                    throw new IllegalStateException("this one");
                }))
                .hasStackTraceContaining("this one");
    }
}
