package org.sluice.experiments.planning;

import java.util.ArrayList;
import java.util.List;
import org.sluice.cluster.ClusterConfig;
import org.sluice.cluster.Streaming;
import org.sluice.cluster.TrainingPlan;
import org.sluice.cluster.WireFormat;
import org.sluice.training.TrainingConfig;

/** Settings that take less memory: which of them make a training fit. */
final class MemoryChanges {
    private static final int SMALL_SLICE = 1 << 16;

    private final TrainingPlan plan;
    private final int blockLength;
    private final ClusterDescription cluster;

    MemoryChanges(TrainingPlan plan, int blockLength, ClusterDescription cluster) {
        this.plan = plan;
        this.blockLength = blockLength;
        this.cluster = cluster;
    }

    /**
     * Settings of a job file, and the training with them.
     *
     * @param settings {@code training.microBatch: 2}
     * @param plan with them
     */
    record Change(String settings, TrainingPlan plan) {}

    /** All of the settings that save something, together. */
    Change least() {
        return together(false);
    }

    /**
     * The settings that make it fit, one by one where one is enough, otherwise together; nothing if none do. Micro-batches of any size train
     * the same.
     */
    List<Change> thatFit() {
        List<Change> enough = single(plan).stream().filter(this::fits).toList();
        if (!enough.isEmpty()) {
            return enough;
        }
        Change together = together(true);
        return fits(together) ? List.of(together) : List.of();
    }

    private boolean fits(Change change) {
        return memory(change.plan()).fits(cluster);
    }

    private MemoryPlan memory(TrainingPlan changed) {
        return MemoryPlan.of(changed, blockLength, cluster);
    }

    /**
     * One change after the other, those that save something.
     *
     * @param untilItFits whether to stop there
     */
    private Change together(boolean untilItFits) {
        List<String> settings = new ArrayList<>();
        TrainingPlan changed = plan;
        int candidates = single(plan).size();
        for (int at = 0; at < candidates && !(untilItFits && memory(changed).fits(cluster)); at++) {
            Change next = single(changed).get(at);
            if (memory(next.plan()).isSmallerThan(memory(changed))) {
                settings.add(next.settings());
                changed = next.plan();
            }
        }
        return new Change(String.join(", ", settings), changed);
    }

    /** Each setting by itself, those that cost least first. */
    private List<Change> single(TrainingPlan from) {
        ClusterConfig now = from.cluster();
        TrainingConfig training = fittingMicroBatch(from);
        int slice = Math.min(SMALL_SLICE, now.sliceElements());
        boolean asynchronous = now.asynchronousCheckpoints();
        Streaming waiting = new Streaming(now.streaming().fragments(), false);
        return List.of(
                new Change("training.microBatch: " + training.microBatch(), ChangedSettings.with(from, training)),
                change(from, "cluster.sliceElements: " + slice, slice, now.wireFormat(), asynchronous, now.streaming()),
                change(
                        from,
                        "cluster.asynchronousCheckpoints: false",
                        now.sliceElements(),
                        now.wireFormat(),
                        false,
                        now.streaming()),
                change(
                        from,
                        "cluster.wireFormat: fp32",
                        now.sliceElements(),
                        WireFormat.FP32,
                        asynchronous,
                        now.streaming()),
                change(
                        from,
                        "cluster.streaming.overlap: false",
                        now.sliceElements(),
                        now.wireFormat(),
                        asynchronous,
                        waiting));
    }

    private static Change change(
            TrainingPlan from,
            String settings,
            int sliceElements,
            WireFormat format,
            boolean asynchronous,
            Streaming streaming) {
        return new Change(
                settings,
                ChangedSettings.with(
                        from, ChangedSettings.keeping(from.cluster(), sliceElements, format, asynchronous, streaming)));
    }

    /** The largest micro-batch that fits, or 1. */
    private TrainingConfig fittingMicroBatch(TrainingPlan from) {
        int most = from.training().fittedTo(from.cluster().largestShare()).microBatch();
        for (int sequences = most; sequences > 1; sequences--) {
            TrainingConfig training = from.training().fittedTo(sequences);
            if (memory(ChangedSettings.with(from, training)).fits(cluster)) {
                return training;
            }
        }
        return from.training().fittedTo(1);
    }
}
