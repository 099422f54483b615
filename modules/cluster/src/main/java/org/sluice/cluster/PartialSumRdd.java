package org.sluice.cluster;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import scala.Tuple2;

/**
 * What the workers of each executor send together, after their local steps: one partition an executor, in which the contributions to a slice
 * are averaged before they go into the shuffle.
 *
 * <p>The mean of an executor's workers is rounded to fp32 once, to nearest: each value of the next version is within a relative 2^-24 of the
 * largest of these means of what it would be otherwise. Which workers are averaged together depends on where they live, and the bits with it;
 * a sum that does not depend on its order would take more bytes than it saves.
 */
final class PartialSumRdd extends PinnedRdd<Tuple2<Integer, PendingContribution>> {
    private static final long serialVersionUID = 1;

    private final List<List<WorkerPlacement>> executors;
    private final SliceLayout layout;
    private final int fragment;
    private final RoundOrder order;
    private final Participant.Finder finder;

    /**
     * @param placements where the workers did their local steps, in the order of the workers
     * @param fragment whose slices are sent
     */
    PartialSumRdd(
            SparkContext context,
            List<WorkerPlacement> placements,
            SliceLayout layout,
            int fragment,
            RoundOrder order,
            Participant.Finder finder) {
        this(context, byExecutor(placements), order, finder, layout, fragment);
    }

    private PartialSumRdd(
            SparkContext context,
            List<List<WorkerPlacement>> executors,
            RoundOrder order,
            Participant.Finder finder,
            SliceLayout layout,
            int fragment) {
        super(
                context,
                List.of(),
                executors.stream().map(workers -> workers.get(0)).toList(),
                Tuple2.class);
        this.executors = executors;
        this.layout = layout;
        this.fragment = fragment;
        this.order = order;
        this.finder = finder;
    }

    private static List<List<WorkerPlacement>> byExecutor(List<WorkerPlacement> placements) {
        Map<String, List<WorkerPlacement>> byExecutor = new LinkedHashMap<>();
        placements.forEach(placement -> byExecutor
                .computeIfAbsent(placement.location(), location -> new ArrayList<>())
                .add(placement));
        return List.copyOf(byExecutor.values());
    }

    @Override
    Iterator<Tuple2<Integer, PendingContribution>> work(int worker, int rank, TaskContext context) {
        List<Participant> participants = executors.get(rank).stream()
                .map(placement -> finder.find(order, placement.worker()))
                .toList();
        return layout.slicesOf(fragment)
                .mapToObj(slice ->
                        new Tuple2<>(slice, new PendingContribution(() -> together(participants, slice, context))))
                .iterator();
    }

    private Contribution together(List<Participant> participants, int slice, TaskContext context) {
        context.killTaskIfInterrupted();
        return SliceArithmetic.together(participants.stream()
                .map(participant -> participant.contribution(order, slice))
                .toList());
    }
}
