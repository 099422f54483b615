package org.sluice.cluster;

import java.io.Serializable;
import org.sluice.model.DecoderConfig;
import org.sluice.training.TrainingConfig;

/**
 * One model to train.
 *
 * @param variant its name within the run; it names a folder
 * @param dataset the folder of the prepared dataset
 */
public record TrainingPlan(
        String variant, DecoderConfig model, TrainingConfig training, ClusterConfig cluster, String dataset)
        implements Serializable {

    /**
     * @throws IllegalArgumentException if the variant's name cannot name a folder
     */
    public TrainingPlan {
        RunFolder.requireVariantName(variant);
    }
}
