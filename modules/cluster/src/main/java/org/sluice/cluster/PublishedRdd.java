package org.sluice.cluster;

import java.io.Serializable;
import java.util.function.UnaryOperator;
import org.apache.spark.Partition;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import scala.collection.Iterator;
import scala.reflect.ClassTag;

/** Of slices with all that their owners keep what workers read of them. As {@code map} would make it, but without a closure (see {@link PartitionJob}). */
final class PublishedRdd extends RDD<GlobalSlice> {
    private static final long serialVersionUID = 1;
    private static final ClassTag<GlobalSlice> SLICE = ScalaInterop.classTag(GlobalSlice.class);

    private final Part part;

    /** What of a slice. */
    @FunctionalInterface
    interface Part extends UnaryOperator<GlobalSlice>, Serializable {}

    PublishedRdd(RDD<GlobalSlice> state, Part part) {
        super(state, SLICE);
        this.part = part;
    }

    @Override
    public Partition[] getPartitions() {
        return this.<GlobalSlice>firstParent(SLICE).partitions();
    }

    @Override
    public Iterator<GlobalSlice> compute(Partition partition, TaskContext context) {
        return this.<GlobalSlice>firstParent(SLICE).iterator(partition, context).map(part::apply);
    }
}
