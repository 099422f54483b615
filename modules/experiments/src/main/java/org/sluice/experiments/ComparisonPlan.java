package org.sluice.experiments;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.sluice.cluster.ClusterConfig;
import org.sluice.cluster.TrainingPlan;
import org.sluice.model.DecoderConfig;
import org.sluice.training.TrainingConfig;

/**
 * Which variants are compared, and how.
 *
 * @param base the model that each variant changes
 * @param variants in the order in which they are trained and reported
 * @param equalParameters whether gated variants are narrowed to the size of the base
 * @param training the same for all variants
 * @param cluster the same for all variants
 * @param evaluation the same for all variants
 * @param evaluateUntrained whether each model is evaluated before training too
 * @param dataset the folder of the prepared dataset
 */
public record ComparisonPlan(
        DecoderConfig base,
        List<Variant> variants,
        boolean equalParameters,
        TrainingConfig training,
        ClusterConfig cluster,
        EvaluationConfig evaluation,
        boolean evaluateUntrained,
        String dataset) {

    /** @throws IllegalArgumentException if there is no variant, or one comes twice */
    public ComparisonPlan {
        variants = List.copyOf(variants);
        if (variants.isEmpty()) {
            throw new IllegalArgumentException("there is no variant to compare; name at least one of "
                    + String.join(
                            ", ", Variant.all().stream().map(Variant::name).toList()));
        }
        Set<String> names = new HashSet<>();
        for (Variant variant : variants) {
            if (!names.add(variant.name())) {
                throw new IllegalArgumentException("variant '" + variant.name() + "' is named twice; name it once");
            }
        }
    }

    /** The model of a variant. */
    public DecoderConfig model(Variant variant) {
        return variant.of(base, equalParameters);
    }

    /** The training of a variant. */
    public TrainingPlan trainingPlan(Variant variant) {
        return new TrainingPlan(variant.name(), model(variant), training, cluster, dataset);
    }
}
