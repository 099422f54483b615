package org.sluice.cluster;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

/**
 * Runs a function on each partition of an RDD, as one job.
 *
 * <p>Spark's own {@code collect} and {@code count} pass closures of Scala on, and so that they can be sent the driver reads the class files that
 * they are in, before every job: of a round without computing that took a quarter of the driver's time. What is given here is of a class of ours,
 * which Spark takes as it is.
 */
final class PartitionJob {
    private PartitionJob() {}

    /** What is done with the values of a partition, in an executor. */
    @FunctionalInterface
    interface Work<T, U> extends Serializable {
        U of(Iterator<T> values);
    }

    private static final class Task<T, U> extends AbstractFunction2<TaskContext, scala.collection.Iterator<T>, U>
            implements Serializable {
        private static final long serialVersionUID = 1;

        private final Work<T, U> work;

        Task(Work<T, U> work) {
            this.work = work;
        }

        @Override
        public U apply(TaskContext context, scala.collection.Iterator<T> values) {
            return work.of(CollectionConverters.asJava(values));
        }
    }

    /** What came of each partition, in their order. */
    @SuppressWarnings("unchecked")
    static <T, U> List<U> run(RDD<T> rdd, Work<T, U> work) {
        Object[] results = new Object[rdd.getNumPartitions()];
        rdd.sparkContext()
                .runJob(
                        rdd,
                        new Task<>(work),
                        ScalaInterop.indices(results.length),
                        (partition, result) -> {
                            results[(Integer) partition] = result;
                            return BoxedUnit.UNIT;
                        },
                        ScalaInterop.<U>classTag(Object.class));
        return (List<U>) Arrays.asList(results);
    }

    /** All values, in the order of the partitions. */
    static <T> List<T> collect(RDD<T> rdd) {
        List<ArrayList<T>> partitions = run(rdd, values -> {
            ArrayList<T> list = new ArrayList<>();
            values.forEachRemaining(list::add);
            return list;
        });
        return partitions.stream().flatMap(List::stream).toList();
    }

    /** Computes all values, of which those that are to be kept in the executors are kept there; the driver gets none. */
    static void compute(RDD<?> rdd) {
        run(rdd, values -> {
            values.forEachRemaining(value -> {});
            return true;
        });
    }
}
