package org.sluice.cluster;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.Dependency;
import org.apache.spark.NarrowDependency;
import org.apache.spark.rdd.RDD;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/** The few Scala values that a class of ours needs to be an RDD. */
final class ScalaInterop {
    private ScalaInterop() {}

    static <T> ClassTag<T> classTag(Class<? super T> type) {
        @SuppressWarnings("unchecked")
        ClassTag<T> tag = (ClassTag<T>) ClassTag$.MODULE$.apply(type);
        return tag;
    }

    static <T> Seq<T> seq(List<T> values) {
        return CollectionConverters.asScala(values).toSeq();
    }

    /** The numbers from 0 on. */
    static Seq<Object> indices(int count) {
        return seq(IntStream.range(0, count).<Object>mapToObj(index -> index).toList());
    }

    static Seq<Dependency<?>> dependencies(List<Dependency<?>> dependencies) {
        return seq(dependencies);
    }

    /** A dependency of every partition on all partitions of an RDD, read without a shuffle. */
    static <T> Dependency<T> onAllPartitions(RDD<T> parent) {
        return new AllPartitions<>(parent, parent.getNumPartitions());
    }

    private static final class AllPartitions<T> extends NarrowDependency<T> {
        private static final long serialVersionUID = 1;

        private final int partitions;

        AllPartitions(RDD<T> parent, int partitions) {
            super(parent);
            this.partitions = partitions;
        }

        @Override
        public Seq<Object> getParents(int partition) {
            return indices(partitions);
        }
    }
}
