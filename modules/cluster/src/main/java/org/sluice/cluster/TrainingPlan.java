package org.sluice.cluster;

import java.io.Serializable;
import org.sluice.cluster.control.Milestone;
import org.sluice.model.DecoderConfig;
import org.sluice.training.TrainingConfig;

/**
 * One model to train.
 *
 * @param variant its name within the run; it names a folder
 * @param dataset the folder of the prepared dataset
 * @param startFrom the folder of a checkpoint whose weights training starts from, with a fresh optimizer and at step 0; empty to start from
 *     the seed. See {@link StartWeights}
 */
public record TrainingPlan(
        String variant,
        DecoderConfig model,
        TrainingConfig training,
        ClusterConfig cluster,
        String dataset,
        String startFrom)
        implements Serializable {

    /**
     * @throws IllegalArgumentException if the variant's name cannot name a folder
     */
    public TrainingPlan {
        RunFolder.requireVariantName(variant);
    }

    /** Training from the seed. */
    public TrainingPlan(
            String variant, DecoderConfig model, TrainingConfig training, ClusterConfig cluster, String dataset) {
        this(variant, model, training, cluster, dataset, "");
    }

    /** Whether training starts from the weights of a checkpoint rather than from the seed. */
    public boolean startsFromWeights() {
        return !startFrom.isEmpty();
    }

    /** Whether a checkpoint is due, rather than one that is only written for a stop. */
    boolean hasCheckpointAt(Milestone milestone) {
        return cluster.shape(training.steps()).isCheckpointDue(milestone.round())
                || milestone.step(cluster.blocksPerStep()) == training.steps();
    }
}
